using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace GatewayOps.Benchmarks.Proxy;

/// <summary>A process that is measured, alone on one core.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly long TicksPerSecond = 100; // of /proc, on every Linux that .NET runs on

    private readonly Process _process;

    private Server(string name, Process process, Uri address) => (Name, _process, Address) = (name, process, address);

    public string Name { get; }

    public Uri Address { get; }

    /// <summary>User and system time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            // After the name, which may hold blanks: fields 14 and 15 of proc_pid_stat(5).
            var fields = File.ReadAllText($"/proc/{_process.Id}/stat").Split(')')[^1].Split(' ');
            return TimeSpan.FromSeconds((double)(Number(fields[12]) + Number(fields[13])) / TicksPerSecond);
        }
    }

    /// <summary>Resident memory, bytes.</summary>
    public long Resident => Number(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;

    /// <summary>Starts a program on one core. Its address is on its first line that says so, or given where the program does not tell.</summary>
    public static async Task<Server> StartAsync(string name, int core, IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null, Uri? address = null)
    {
        var start = new ProcessStartInfo("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), .. command]) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start)!;
        var listens = address ?? await AddressAsync(name, process);
        // Read on, so that the pipe never stops the program; nobody keeps it.
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        var server = new Server(name, process, listens);
        await server.AcceptsAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task AcceptsAsync()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(Address.Host, Address.Port);
                return;
            }
            catch (SocketException) when (tries < 200 && !_process.HasExited)
            {
                await Task.Delay(10);
            }
        }
    }

    private static async Task<Uri> AddressAsync(string name, Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            const string Says = "Now listening on: ";
            if (line.IndexOf(Says, StringComparison.Ordinal) is >= 0 and var at)
            {
                return new Uri(new string([.. line[(at + Says.Length)..].TakeWhile(c => c is not '"' and not ' ')]));
            }
        }

        throw new InvalidOperationException($"{name} did not start.");
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
