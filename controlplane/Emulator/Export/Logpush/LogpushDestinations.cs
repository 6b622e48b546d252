using System.Globalization;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Export.Logpush;

/// <summary>Where the jobs deliver: addresses that batches are posted to, or folders that they are written to. Set by options and the admin API.</summary>
public sealed class LogpushDestinations
{
    /// <summary>Jobs in an account (contract 14).</summary>
    public const int Most = 4;

    private readonly ExportSender _sender;
    private volatile IReadOnlyList<string> _all;

    /// <exception cref="ArgumentException">An option is none, or there are too many.</exception>
    public LogpushDestinations(EmulatorOptions options, ExportSender sender, EmulatorState state)
    {
        if (options.Logpush.Count > Most || !options.Logpush.All(destination => AddressOf(destination) is not null || Path.IsPathFullyQualified(destination)))
            throw new ArgumentException($"Logpush takes at most {Most} destinations, http(s) addresses or full paths of folders.", nameof(options));
        (_sender, _all) = (sender, options.Logpush);
        state.WasReset += () => _all = options.Logpush;
    }

    public IReadOnlyList<string> All
    {
        get => _all;
        set => _all = value;
    }

    /// <summary>Null for a text that is no address.</summary>
    public static Uri? AddressOf(string destination) =>
        Uri.TryCreate(destination, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) ? address : null;

    /// <returns>Whether the destination has it.</returns>
    public async Task<bool> DeliverAsync(string destination, LogpushBatch batch, CancellationToken cancellationToken)
    {
        if (AddressOf(destination) is { } address)
            return await _sender.PostAsync(address, batch.Gzip, "application/x-ndjson", "gzip", [], cancellationToken);
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(destination, batch.Start.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture)));
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, batch.Name), batch.Gzip, cancellationToken);
            return true;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
