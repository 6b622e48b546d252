namespace GatewayOps.Emulator.Snapshots;

/// <summary>What one snapshot takes along beside what it always has. A fixture is shared and kept in git, so both are off unless asked for.</summary>
/// <param name="secretValues">Values of secrets, and the credentials in gateway settings and custom providers' headers.</param>
/// <param name="logRows">Newest log rows of each gateway; their bodies too, as far as <see cref="LogBodyBytes"/> goes.</param>
public sealed class SnapshotChoice(bool secretValues, int logRows)
{
    /// <summary>Bytes of stored bodies in one snapshot.</summary>
    public const long LogBodyBytes = 8 * 1024 * 1024;

    private long _bodyBytes = LogBodyBytes;

    public bool SecretValues => secretValues;

    public int LogRows => logRows;

    /// <summary>Stands for a secret's value in a snapshot without values: it is the same every time, so that a restored account behaves the same every time.</summary>
    public static string Placeholder(string name) => $"not-in-the-snapshot-{name}";

    /// <summary>True when there is room for so many more bytes of bodies, which are then taken.</summary>
    public bool TakesBodies(long bytes)
    {
        if (bytes > _bodyBytes)
            return false;
        _bodyBytes -= bytes;
        return true;
    }
}
