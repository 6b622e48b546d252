using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using GatewayOps.Cloudflare;

namespace GatewayOps.Tests.Contract;

/// <summary>How our client sends the sample request of an operation.</summary>
/// <param name="Source">The call's own text, which names the client's member.</param>
internal sealed partial record ClientCall(string Operation, Func<CloudflareClient, Task> Invoke, [CallerArgumentExpression(nameof(Invoke))] string Source = "")
{
    /// <summary>`Gateways.CreateAsync`.</summary>
    public string Member => Called().Match(Source).Groups["member"].Value;

    public override string ToString() => Operation;

    [GeneratedRegex(@"client\.(?<member>[A-Za-z.]+)\(")]
    private static partial Regex Called();
}
