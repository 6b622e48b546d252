namespace GatewayOps.Rules;

// Public here. The files that say what these know are linked into GatewayOps.Client too, which needs no more of this project than them, and keeps them to itself.
public static partial class WorkersAiModel;

public static partial class ProviderCatalogue;
