using GatewayOps.ControlPlane.Storage;
using Npgsql;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// Keeps <see cref="OperatorTokens"/> and <see cref="VirtualKeys"/> at what is stored: read once before the service accepts requests, at once when a replica issues, rotates or revokes one,
/// and every two seconds besides, for a notification that was missed. Without a database the known tokens and keys stay in service.
/// </summary>
public sealed partial class IssuedTokens(
    NpgsqlDataSource source, OperatorTokens tokens, VirtualKeys keys, TimeProvider time, ILogger<IssuedTokens> log)
    : DatabaseFollower(source, Channel, TimeSpan.FromSeconds(2), time)
{
    /// <summary>PostgreSQL notifies this channel when a change of a token or key commits.</summary>
    public const string Channel = "gatewayops_tokens";

    private readonly NpgsqlDataSource _source = source;
    private readonly SemaphoreSlim _reading = new(1);
    private string? _keysRead;

    /// <summary>Reads what is stored now. One at a time: an older reading never replaces a newer one.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            tokens.Replace(await IssuedTokenReader.TokensAsync(_source, cancellationToken));
            var stored = await IssuedTokenReader.KeysMarkAsync(_source, cancellationToken);
            if (stored != _keysRead)
            {
                keys.Replace(await IssuedTokenReader.KeysAsync(_source, cancellationToken));
                _keysRead = stored;
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

    protected override Task LookAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => ReadAsync(cancellationToken);

    [LoggerMessage(4010, LogLevel.Warning, "The database does not answer ({Reason}); operator tokens and virtual keys stay as they are known, and a revocation elsewhere is not seen until it does")]
    protected override partial void OnLost(string reason);

    [LoggerMessage(4011, LogLevel.Information, "The database answers again; operator tokens and virtual keys are current")]
    protected override partial void OnRegained();
}
