using System.Diagnostics.CodeAnalysis;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>Texts that callers choose, as PostgreSQL can hold them: without U+0000. What is stored and what is looked for go through the same, so that they meet.</summary>
public static class StoredText
{
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Of(string? text) => text?.Replace('\0', '\uFFFD');
}
