using System.Text;

namespace GatewayOps.Cloudflare.Http;

/// <summary>What sending a call a second time would do. It decides whether a call whose answer did not come is sent again.</summary>
public enum Effect
{
    /// <summary>Changes nothing.</summary>
    None,

    /// <summary>Twice is the same as once.</summary>
    Idempotent,

    /// <summary>Twice is more than once: a second object, a second deletion of N rows, a second bill.</summary>
    Adds,
}

/// <summary>Whose limit a call counts against. Source: Cloudflare contract, sections 1.4, 15 and 16.</summary>
public enum Budget { Management, GraphQl, Inference }

/// <summary>
/// One operation of the API. `Operation` is its id in the OpenAPI document, or a name of ours where the document ends. `Template` names it in metrics and
/// errors and makes its path, so no id ever becomes a label.
/// </summary>
public sealed record Endpoint(string Operation, HttpMethod Method, string Root, string Template, Effect Effect, Budget Budget = Budget.Management)
{
    public bool IsWrite => Effect != Effect.None;

    public override string ToString() => $"{Method} {Template}";

    /// <summary>The path below the base URL, every id escaped. An id that would change the path (empty, `.`, `..`) is refused.</summary>
    public string Path(string account, params ReadOnlySpan<string> ids)
    {
        var path = new StringBuilder();
        var next = 0;
        foreach (var segment in (Root + Template).Split('/'))
        {
            if (path.Length > 0) path.Append('/');
            path.Append(segment switch { "{account}" => Escaped(account), "{id}" => Escaped(ids[next++]), "{model}" => Model(ids[next++]), _ => segment });
        }
        return path.ToString();
    }

    private static string Escaped(string id) => id is null or "" or "." or ".."
        ? throw new ArgumentException("an id is missing, or is no id", nameof(id))
        : Uri.EscapeDataString(id);

    // `@cf/meta/llama`: its slashes and its @ are sent as they are (contract, section 16).
    private static string Model(string name) => string.Join('/', name.Split('/').Select(part => Escaped(part).Replace("%40", "@", StringComparison.Ordinal)));
}
