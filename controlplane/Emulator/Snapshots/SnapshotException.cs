using GatewayOps.Emulator.Management;

namespace GatewayOps.Emulator.Snapshots;

/// <summary>A snapshot that cannot be loaded: where in it, and why.</summary>
/// <param name="pointer">JSON pointer; empty = the whole file.</param>
public sealed class SnapshotException(string pointer, string problem) : Exception(pointer.Length == 0 ? problem : $"{pointer}: {problem}")
{
    public SnapshotException(FieldPath path, string problem)
        : this(path.ToPointer(), problem)
    {
    }

    public string Pointer => pointer;

    public string Problem => problem;
}
