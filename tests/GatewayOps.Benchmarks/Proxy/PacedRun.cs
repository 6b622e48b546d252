using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GatewayOps.Benchmarks.Proxy;

/// <summary>Answers' times at a rate that nobody has to hurry for, and how late the chunks of a stream arrive.</summary>
/// <param name="Median">Milliseconds.</param>
internal sealed record PacedRun(double Median, double P99)
{
    /// <summary>Sends one request after the other at the times of the rate, whatever the last one took.</summary>
    public static async Task<PacedRun> OfAsync(Uri server, byte[] request, int perSecond, TimeSpan duration)
    {
        var (started, count) = (Stopwatch.GetTimestamp(), (int)(perSecond * duration.TotalSeconds));
        var sockets = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ConnectAsync(server)));
        var times = new double[count];
        await Task.WhenAll(sockets.Select((socket, lane) => Task.Run(async () =>
        {
            var buffer = new byte[64 * 1024];
            for (var i = lane; i < count; i += sockets.Length)
            {
                // A timer of the runtime is late by up to a millisecond: sleep until shortly before, then spin.
                var due = started + (long)(i * (double)Stopwatch.Frequency / perSecond);
                if (due - Stopwatch.GetTimestamp() is > 0 and var left && TimeSpan.FromSeconds((double)left / Stopwatch.Frequency) is var wait && wait > TimeSpan.FromMilliseconds(1.5))
                {
                    await Task.Delay(wait - TimeSpan.FromMilliseconds(1.5));
                }

                while (Stopwatch.GetTimestamp() < due)
                {
                    await Task.Yield();
                }

                var sent = Stopwatch.GetTimestamp();
                await socket.SendAsync(request);
                await LoadRun.ReadAnswerAsync(socket, buffer);
                times[i] = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
            }
        })));
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }

        Array.Sort(times);
        return new PacedRun(times[count / 2], times[(int)(0.99 * (count - 1))]);
    }

    /// <summary>Milliseconds between the sending of a chunk by the provider and its arrival here, over all chunks of some paced streams; one clock for all processes of a machine.</summary>
    public static async Task<double> ChunkDelayAsync(Uri server, byte[] request, int streams)
    {
        var delays = new List<double>();
        using var socket = await ConnectAsync(server);
        var buffer = new byte[64 * 1024];
        for (var i = 0; i < streams; i++)
        {
            await socket.SendAsync(request);
            var (filled, seen) = (0, 0);
            while (!buffer.AsSpan(0, filled).EndsWith("0\r\n\r\n"u8))
            {
                filled += await socket.ReceiveAsync(buffer.AsMemory(filled));
                var now = Stopwatch.GetTimestamp();
                for (int at; (at = buffer.AsSpan(seen, filled - seen).IndexOf("sent="u8)) >= 0 && buffer.AsSpan(seen + at, filled - seen - at).IndexOf((byte)';') is > 0 and var end; seen += at + end)
                {
                    delays.Add((now - long.Parse(Encoding.ASCII.GetString(buffer, seen + at + 5, end - 5), CultureInfo.InvariantCulture)) * 1000.0 / Stopwatch.Frequency);
                }
            }
        }

        return delays.Order().ElementAt(delays.Count / 2);
    }

    private static async Task<Socket> ConnectAsync(Uri server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port));
        return socket;
    }
}
