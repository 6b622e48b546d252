using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace GatewayOps.Benchmarks;

/// <summary>What a server did under load.</summary>
/// <param name="PerSecond">Answers of status 200 in a second.</param>
/// <param name="Median">Of one answer's time, milliseconds.</param>
public sealed record LoadRun(double PerSecond, double Median, double P99)
{
    /// <summary>The answer ends with its last chunk, not at a length.</summary>
    private const int Chunked = int.MaxValue;

    /// <summary>
    /// Keeps `connections` busy with one request, each sending the next when its answer is whole. Sockets and nothing above them: the client has the same
    /// two cores as the server, and an HTTP stack of its own would be measured with it.
    /// </summary>
    /// <exception cref="InvalidOperationException">An answer was no 200, or without a length.</exception>
    public static async Task<LoadRun> OfAsync(Uri server, byte[] request, int connections, TimeSpan duration)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var started = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => KeepBusyAsync(server, request, deadline))));
        var elapsed = Stopwatch.GetElapsedTime(started);
        double[] sorted = [.. times.SelectMany(one => one).Order()];
        return new LoadRun(sorted.Length / elapsed.TotalSeconds, At(0.5), At(0.99));

        double At(double rank) => sorted.Length == 0 ? 0 : sorted[(int)(rank * (sorted.Length - 1))];
    }

    private static async Task<List<double>> KeepBusyAsync(Uri server, byte[] request, long deadline)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port));
        var (buffer, times) = (new byte[64 * 1024], new List<double>(16 * 1024));
        while (Stopwatch.GetTimestamp() is var sent && sent < deadline)
        {
            await socket.SendAsync(request);
            await ReadAnswerAsync(socket, buffer);
            times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }
        return times;
    }

    /// <summary>Reads one whole answer of status 200 into the buffer, which must hold it.</summary>
    internal static async Task ReadAnswerAsync(Socket socket, byte[] buffer)
    {
        var (filled, end) = (0, -1);
        do
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(filled));
            if (read == 0)
                throw new InvalidOperationException("The server closed the connection.");
            filled += read;
            if (end < 0)
                end = EndOf(buffer.AsSpan(0, filled));
        }
        while (end == Chunked ? !buffer.AsSpan(0, filled).EndsWith("0\r\n\r\n"u8) : end < 0 || filled < end);
    }

    /// <summary>Where the answer ends; -1 while its head is not whole.</summary>
    private static int EndOf(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return -1;
        if (!answer.StartsWith("HTTP/1.1 200 "u8))
            throw new InvalidOperationException(System.Text.Encoding.ASCII.GetString(answer));
        var length = answer[..head].IndexOf("Content-Length: "u8);
        if (length < 0)
            return answer[..head].IndexOf("chunked"u8) >= 0 ? Chunked : throw new InvalidOperationException("The answer has no length.");
        var size = 0;
        foreach (var digit in answer[(length + "Content-Length: ".Length)..])
        {
            if (digit is < (byte)'0' or > (byte)'9')
                break;
            size = (size * 10) + digit - '0';
        }
        return head + 4 + size;
    }
}
