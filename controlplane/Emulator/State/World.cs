namespace GatewayOps.Emulator.State;

/// <summary>All that a reset forgets: the account, and the tokens of the account and of its user.</summary>
public sealed record World(AccountState Account, TokenStore Tokens);
