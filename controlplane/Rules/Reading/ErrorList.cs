namespace GatewayOps.Rules.Reading;

/// <summary>Collects the errors of one document, in document order, up to a bound that keeps a hostile document from producing an answer larger than itself.</summary>
internal sealed class ErrorList
{
    public const int Most = 1000;

    private readonly List<RuleSetError> _errors = [];
    private readonly HashSet<string> _at = [];
    private readonly HashSet<string> _above = [];

    public bool IsEmpty => _errors.Count == 0;

    /// <summary>More errors were found than are listed: looking for further ones is of no use to anyone.</summary>
    public bool IsOverfull { get; private set; }

    public void Add(string code, JsonPointer at, string message)
    {
        if (_errors.Count < Most)
            _errors.Add(new RuleSetError(code, at.Text, message));
        else
            IsOverfull = true;

        _at.Add(at.Text);
        for (var place = at.Text; _above.Add(place) && place.Length > 0;)
            place = place[..place.LastIndexOf('/')];
    }

    /// <summary>No error at this place itself; there may be some below it.</summary>
    public bool IsSoundAt(JsonPointer at) => !_at.Contains(at.Text);

    /// <summary>No error at this place or below it.</summary>
    public bool IsSound(JsonPointer at) => !_above.Contains(at.Text);

    public IReadOnlyList<RuleSetError> ToList() => IsOverfull
        ? [.. _errors, new RuleSetError(RuleSetErrorCodes.MoreErrors, "", $"There are more errors than the {Most} listed. Fix these first and validate again.")]
        : _errors;
}
