namespace GatewayOps.Emulator.State;

/// <summary>A request's event id, kept small: nearly all are UUIDs, which take 16 bytes here and 96 as a text.</summary>
internal readonly record struct EventId
{
    private readonly Guid _uuid;
    private readonly string? _text;

    public EventId(string? text)
    {
        // Only what ToString gives back: capitals stay a text, and so do the zeros that mean none here.
        if (Guid.TryParseExact(text, "D", out var uuid) && uuid != Guid.Empty && uuid.ToString("D") == text)
            _uuid = uuid;
        else
            _text = text;
    }

    public override string? ToString() => _text ?? (_uuid == Guid.Empty ? null : _uuid.ToString("D"));
}
