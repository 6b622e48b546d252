using System.Globalization;
using System.Net;
using System.Text;

namespace GatewayOps.Emulator.About;

/// <summary>The page at `/`: what there is, with links, for who opens the emulator in a browser. It loads nothing from anywhere.</summary>
public static class StartPage
{
    public static string Of(IReadOnlyList<Operation> operations, string accountId, string address)
    {
        var page = new StringBuilder().Append(CultureInfo.InvariantCulture, $$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>GatewayOps emulator</title>
            <style>
              body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; background: #fff }
              h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
              code, pre { font: 13px ui-monospace, monospace; background: #f3f3f3; border-radius: 3px } code { padding: 0 .2rem } pre { padding: .6rem; overflow-x: auto }
              table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .15rem .6rem .15rem 0; border-bottom: 1px solid #ddd; vertical-align: top }
              @media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } code, pre { background: #282828 } th, td { border-color: #333 } a { color: #8bf } }
            </style>
            <h1>A local Cloudflare AI Gateway</h1>
            <p>Account <code>{{Text(accountId)}}</code>. It is written from Cloudflare's contract and is not Cloudflare; its state is in memory.</p>
            <table>
              <tr><th>Surface<th>Address<th>
              <tr><td>Management API<td><code>{{Text(address)}}/client/v4</code><td>CLOUDFLARE_BASE_URL of Cloudflare's SDKs
              <tr><td>Data plane<td><code>{{Text(address)}}/v1/{{Text(accountId)}}/GATEWAY/PROVIDER/…</code><td>in the place of gateway.ai.cloudflare.com
              <tr><td>Controls of the emulator<td><code>{{Text(address)}}/_emulator/</code><td><a href="/_emulator/health">health</a>, <a href="/_emulator/clock">clock</a>,
                <a href="/_emulator/management/requests">recorded requests</a>, <a href="/_emulator/snapshot">snapshot</a>
              <tr><td>OpenAPI<td><a href="/_emulator/openapi.json">{{Text(address)}}/_emulator/openapi.json</a><td>every operation below, with parameters and bodies
            </table>
            <pre>curl -H "Authorization: Bearer dev-token" {{Text(address)}}/client/v4/accounts/{{Text(accountId)}}/ai-gateway/gateways</pre>

            """);
        foreach (var area in operations.GroupBy(operation => operation.Area).OrderBy(area => area.Key, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{Text(area.Key)}</h2>\n<table>\n");
            foreach (var operation in area)
                page.Append(CultureInfo.InvariantCulture, $"<tr><td>{operation.Method}<td><code>{Text(operation.Path)}</code><td>{Text(operation.Summary)}<td>{Text(string.Join(" + ", operation.Permissions))}\n");
            page.Append("</table>\n");
        }
        return page.Append("</html>\n").ToString();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
