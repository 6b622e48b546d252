using GatewayOps.ControlPlane.Access;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>What an allowance counts; the values of the column `kind`.</summary>
public static class KeyAmounts
{
    public const string Requests = "requests";
    public const string Tokens = "tokens";
    public const string Usd = "usd";
}

/// <summary>How far a replica may go beyond what it has claimed.</summary>
public enum KeyCredit
{
    /// <summary>Up to the limit: nobody else counts, or nobody else can be asked.</summary>
    Whole,

    /// <summary>One slice beyond what it has claimed.</summary>
    Slice,

    /// <summary>One slice beyond what it has reported: the others may have taken the rest meanwhile.</summary>
    LastSlice,
}

/// <summary>
/// One limit of one key in its present window, as this replica counts it: what is settled, what requests under way hold, what this replica has claimed of the limit, and what the others have.
/// Within the claim, and one slice beyond it, a request is let in without asking anybody; so all replicas together exceed a limit by at most replicas × slice (a single request may be larger
/// than a slice: then that). On its own a replica never exceeds the limit but for what answers report beyond their estimates. Not for several threads; pure but for its state.
/// </summary>
public sealed class KeyAllowance(string kind, decimal limit, KeyWindow window, double share)
{
    // A request is whole; tokens and dollars can be cut as one likes.
    private readonly decimal _slice = kind == KeyAmounts.Usd ? limit * (decimal)share : Math.Max(1, Math.Ceiling(limit * (decimal)share));

    private decimal _settled;
    private decimal _held;
    private decimal _reported;
    private decimal _wanted;
    private bool _isActive;

    // The window before the present one, and what this replica used in it.
    private (DateTimeOffset Start, decimal Used) _left;

    public string Kind => kind;

    public decimal Limit => limit;

    public KeyWindow Window => window;

    public decimal Slice => _slice;

    public DateTimeOffset Start { get; private set; }

    public DateTimeOffset End { get; private set; }

    /// <summary>By this replica: settled, and held by requests under way.</summary>
    public decimal Used => _settled + _held;

    public decimal Claimed { get; private set; }

    /// <summary>What all other replicas have claimed, as last heard.</summary>
    public decimal Others { get; private set; }

    /// <summary>As far as this replica knows; never negative.</summary>
    public decimal Remaining => Math.Max(0, limit - Others - Used);

    /// <summary>Something that the other replicas do not know yet, or that this one needs from them.</summary>
    public bool NeedsClaim => Used > Claimed || _wanted > 0 || (_isActive && Used + (_slice / 2) > Claimed && Claimed + Others < limit);

    /// <summary>There is something to report, or to give back.</summary>
    public bool HasNews => NeedsClaim || _isActive || Used != _reported || Claimed > Used;

    /// <summary>
    /// Begins a new window when the present one has ended. The clock may be set back: by no more than a window's length, the window stays; by more, the clock was wrong, and the window is left for
    /// the right one, with what was used in it if it was the one before.
    /// </summary>
    public void Turn(DateTimeOffset now)
    {
        if (now < End && now >= Start - (End - Start))
        {
            return;
        }

        var (left, used) = (Start, Used);
        Start = window.StartOf(now);
        End = window.EndOf(Start);
        (_settled, _held, _reported, _wanted, Claimed, Others, _isActive) = (Start == _left.Start ? _left.Used : 0, 0, 0, 0, 0, 0, false);
        _left = (left, used);
    }

    /// <summary>Whether the limit leaves room, and if so, whether this replica may take it now.</summary>
    public KeyRoom RoomFor(decimal amount, KeyCredit credit)
    {
        var after = Used + amount;
        if (after + Others > limit)
        {
            return amount > limit ? KeyRoom.Never : KeyRoom.None;
        }

        var own = credit == KeyCredit.LastSlice ? Math.Min(Claimed, _reported) : Claimed;
        return credit == KeyCredit.Whole || after <= own + _slice || (credit == KeyCredit.Slice && Used <= own) ? KeyRoom.Free : KeyRoom.Unclaimed;
    }

    /// <summary>After <see cref="RoomFor"/> said that there is room.</summary>
    public void Hold(decimal amount)
    {
        _held += amount;
        _isActive = true;
    }

    /// <summary>What is needed is asked for with the next claim.</summary>
    public void Want(decimal amount) => _wanted = Math.Max(_wanted, amount);

    /// <summary>
    /// Puts what was used in the place of what was held since <paramref name="heldIn"/>. Of a window that has ended nothing is counted any more, but for dollars: those count in the window in
    /// which they are known.
    /// </summary>
    public void Settle(decimal held, DateTimeOffset heldIn, decimal used)
    {
        if (heldIn == Start)
        {
            _held -= held;
            _settled += used;
        }
        else if (kind == KeyAmounts.Usd)
        {
            _settled += used;
        }
    }

    /// <summary>What to tell the others now. What is no longer needed is given up here before they hear of it.</summary>
    public KeyClaim Ask(Guid key)
    {
        var ask = _isActive || _wanted > 0 ? Math.Min(limit, Used + Math.Max(_slice, _wanted)) : Used;
        Claimed = Math.Min(Claimed, ask);
        (_wanted, _isActive) = (0, false);
        return new KeyClaim(key, kind, Start, End, Used, ask, limit);
    }

    /// <summary>What became of the claim: <paramref name="claimed"/> is null where none was made.</summary>
    public void Take(decimal? reported, decimal? claimed, decimal others) => (Others, Claimed, _reported) = (others, claimed ?? Claimed, reported ?? _reported);
}

public enum KeyRoom
{
    Free,

    /// <summary>The limit leaves room, which this replica has to claim first.</summary>
    Unclaimed,

    /// <summary>Not before the next window.</summary>
    None,

    /// <summary>The request is larger than the limit.</summary>
    Never,
}

/// <summary>What one replica has used in a window, and what it would like to have of the limit, that included.</summary>
public sealed record KeyClaim(Guid Key, string Kind, DateTimeOffset Start, DateTimeOffset End, decimal Used, decimal Asked, decimal Limit);
