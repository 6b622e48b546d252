using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GatewayOps.Cli.Dev;
using GatewayOps.Tests.Support;

namespace GatewayOps.Monitoring.Tests;

/// <summary>One series of an answer.</summary>
internal sealed record Measured(IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>Debian's Prometheus with a configuration, on a free port; gone when it is disposed.</summary>
internal sealed class PrometheusProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private PrometheusProcess(Process process, int port)
    {
        _process = process;
        // Read, so that it never waits for a reader; a line that is an error belongs to the test's own output.
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("level=error", StringComparison.Ordinal) == true)
            {
                Console.Error.WriteLine(line.Data);
            }
        };
        _process.BeginErrorReadLine();
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/api/v1/"), Timeout = TimeSpan.FromSeconds(30) };
    }

    public bool HasExited => _process.HasExited;

    public static PrometheusProcess Start(string configuration, string folder)
    {
        var port = Ports.Free();
        return new PrometheusProcess(
            Process.Start(new ProcessStartInfo(Tool.Find("prometheus"), [$"--config.file={configuration}", $"--storage.tsdb.path={folder}", $"--web.listen-address=127.0.0.1:{port}"])
            { UseShellExecute = false, RedirectStandardError = true })!,
            port);
    }

    /// <summary>The series of an expression, now. An expression that Prometheus refuses throws with its words.</summary>
    public async Task<IReadOnlyList<Measured>> QueryAsync(string expr)
    {
        var data = await GetAsync($"query?query={Uri.EscapeDataString(expr)}");
        var result = data.GetProperty("result");
        return data.GetProperty("resultType").GetString() == "scalar"
            ? [new(new Dictionary<string, string>(), Number(result))]
            : [.. result.EnumerateArray().Select(series => new Measured(
                series.GetProperty("metric").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!), Number(series.GetProperty("value"))))];
    }

    /// <summary>`data` of an answer of the API.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        if (response.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable)
        {
            throw new HttpRequestException("Prometheus is still starting.");
        }

        var answer = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync());
        return response.IsSuccessStatusCode ? answer.GetProperty("data") : throw new InvalidOperationException($"{Uri.UnescapeDataString(path)}: {answer}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.EndAsync();
        _process.Dispose();
    }

    private static double Number(JsonElement pair) => pair[1].GetString() switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        var text => double.Parse(text!, CultureInfo.InvariantCulture),
    };
}
