using System.CommandLine;
using GatewayOps.Cli.ControlPlane;

namespace GatewayOps.Cli.Commands;

/// <summary>`health`: one request without credentials, for the health checks of containers that have no other program to ask with.</summary>
public static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public static Command Build(Shell shell)
    {
        var path = new Argument<string>("path") { Description = "What is asked; the emulator has /_emulator/health.", DefaultValueFactory = _ => "/readyz" };
        var verb = new Command("health", "Whether the service is ready, for health checks of containers. Needs no token.") { path };
        shell.Runs(verb, async (parse, cancellationToken) =>
        {
            var url = new Uri(shell.Address(parse).Url, parse.GetRequiredValue(path));
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience };
            try
            {
                using var response = await http.GetAsync(url, cancellationToken);
                return response.IsSuccessStatusCode ? ExitCodes.Ok : throw new CliException($"{url} answers {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}", "gatewayops doctor says what is missing");
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                throw new CliException($"{url} does not answer.", $"start the service, or say where it is with {ServiceAddress.UrlVariable}");
            }
        });
        return verb;
    }
}
