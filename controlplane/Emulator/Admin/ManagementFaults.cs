using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Admin;

/// <summary>The faults that are set, in their order; the first that matches a request is taken.</summary>
public sealed class ManagementFaults
{
    private const int Most = 100;
    private readonly Lock _lock = new();
    private readonly List<ManagementFault> _faults = [];

    public ManagementFaults(EmulatorState state) => state.WasReset += Clear;

    /// <summary>Replaces the fault for the same path and method, or adds one. False when there are too many.</summary>
    public bool Set(ManagementFault fault)
    {
        lock (_lock)
        {
            _faults.RemoveAll(other => other.Path == fault.Path && other.Method == fault.Method);
            if (_faults.Count >= Most)
                return false;
            _faults.Add(fault);
            return true;
        }
    }

    public void Clear()
    {
        lock (_lock)
            _faults.Clear();
    }

    /// <summary>The fault for this request, counted as used.</summary>
    public ManagementFault? Take(string method, string path)
    {
        lock (_lock)
        {
            var index = _faults.FindIndex(fault => fault.Matches(method, path));
            if (index < 0)
                return null;
            var fault = _faults[index];
            if (fault.Times == 1)
                _faults.RemoveAt(index);
            else if (fault.Times is { } times)
                _faults[index] = fault with { Times = times - 1 };
            return fault;
        }
    }
}
