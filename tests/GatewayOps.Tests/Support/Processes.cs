using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GatewayOps.Tests.Support;

/// <summary>What tests do to the processes that they start: signals, and a waiting that ends.</summary>
internal static class Processes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends a signal, by its name without SIG.</summary>
    public static Task SignalAsync(this Process process, string signal) => SignalAsync(signal, process.Id);

    /// <summary>As <see cref="SignalAsync(Process, string)"/>, to processes that somebody else started. One that is gone is passed over.</summary>
    public static async Task SignalAsync(string signal, params IEnumerable<int> processes)
    {
        var start = new ProcessStartInfo("kill", [$"-{signal}", .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))]) { UseShellExecute = false, RedirectStandardError = true };
        using var kill = Process.Start(start)!;
        await kill.StandardError.ReadToEndAsync();
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits until it has ended. One that does not end in time, a minute where nothing else is said, fails the test, and is killed.</summary>
    public static async Task EndAsync(this Process process, TimeSpan? within = null)
    {
        using var patience = new CancellationTokenSource(within ?? Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} has not ended after {(within ?? Patience).TotalSeconds:0} s");
        }
    }

    // A shell that runs the tests behind its prompt has SIGINT ignored, and so would all that the tests start: their interrupts would go unheard.
    [ModuleInitializer]
    internal static void HearInterrupts()
    {
        const int Interrupt = 2;
        const string Field = "SigIgn:";
        if (OperatingSystem.IsLinux()
            && File.ReadLines("/proc/self/status").First(line => line.StartsWith(Field, StringComparison.Ordinal)) is var ignored
            && (ulong.Parse(ignored.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1UL << (Interrupt - 1))) != 0)
        {
            Signal(Interrupt, 0); // SIG_DFL
        }
    }

    [DllImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Signal(int signal, nint handler);
}
