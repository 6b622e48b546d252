using System.Collections.Concurrent;
using GatewayOps.ControlPlane.Access;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>
/// What the limits of the virtual keys leave, in memory and exact for the requests of this replica: room is taken for a request in one step, for all its limits or none, and what it used takes
/// the place of that when it is known. <see cref="KeyClaimer"/> shares the limits with the other replicas; nothing here waits for it.
/// </summary>
/// <remarks>System.Threading.RateLimiting has no way to give back what a request did not use, nor a clock of ours, nor a limit that several processes share: hence an own account.</remarks>
public sealed class KeyAllowances(IOptions<KeyOptions> options, TimeProvider time)
{
    // Shorter than the others wait before they count a silent replica as gone.
    internal static readonly TimeSpan Trust = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Guid, Account> _accounts = new();
    private readonly KeyOptions _options = options.Value;
    private volatile Standing _standing = new(IsAlone: false, At: null);

    /// <summary>Something has to be claimed now.</summary>
    internal SemaphoreSlim Wake { get; } = new(0, 1);

    internal bool AreKept => !_accounts.IsEmpty;

    /// <summary>Takes room for one request. Null for a key without limits.</summary>
    public (KeyHold? Hold, KeyShortage? Shortage) TryHold(VirtualKey key, long tokens, decimal usd)
    {
        if (AccountOf(key) is not { } account)
        {
            return (null, null);
        }

        var (now, credit) = (time.GetUtcNow(), Credit());
        bool needsClaim;
        KeyShortage? shortage = null;
        KeyHold? hold = null;
        lock (account)
        {
            foreach (var allowance in account.Allowances)
            {
                allowance.Turn(now);
                var amount = AmountOf(allowance, tokens, usd);
                if (shortage is null && allowance.RoomFor(amount, credit) is var room and not KeyRoom.Free)
                {
                    if (room == KeyRoom.Unclaimed)
                    {
                        allowance.Want(amount);
                    }

                    shortage = new KeyShortage(allowance.Kind, allowance.Limit, allowance.Window, amount, room, allowance.End - now);
                }
            }

            if (shortage is null)
            {
                hold = new KeyHold(account, [.. account.Allowances.Select(allowance => (allowance.Start, AmountOf(allowance, tokens, usd)))]);
                for (var i = 0; i < account.Allowances.Length; i++)
                {
                    account.Allowances[i].Hold(hold.Held[i].Amount);
                }
            }

            needsClaim = Array.Exists(account.Allowances, allowance => allowance.NeedsClaim);
        }

        if (needsClaim)
        {
            WakeUp();
        }

        return (hold, shortage);
    }

    /// <summary>Puts what the request used in the place of what it held; zeros give it back. Once per hold: a second time changes nothing.</summary>
    public void Settle(KeyHold hold, long requests, long tokens, decimal usd)
    {
        var (account, now) = (hold.Account, time.GetUtcNow());
        lock (account)
        {
            if (hold.IsSettled)
            {
                return;
            }

            hold.IsSettled = true;
            for (var i = 0; i < account.Allowances.Length; i++)
            {
                var allowance = account.Allowances[i];
                allowance.Turn(now);
                allowance.Settle(hold.Held[i].Amount, hold.Held[i].Start, allowance.Kind == KeyAmounts.Requests ? requests : AmountOf(allowance, tokens, usd));
            }
        }
    }

    /// <summary>What is left of each limit of a key.</summary>
    public IReadOnlyList<KeyBalance> BalancesOf(VirtualKey key)
    {
        if (AccountOf(key) is not { } account)
        {
            return [];
        }

        var now = time.GetUtcNow();
        lock (account)
        {
            return Array.ConvertAll(account.Allowances, allowance =>
            {
                allowance.Turn(now);
                return new KeyBalance(allowance.Kind, allowance.Limit, allowance.Remaining, allowance.End - now, allowance.Window);
            });
        }
    }

    /// <summary>What to tell the others: everything that they do not know yet.</summary>
    internal IReadOnlyList<KeyClaim> Ask(bool isLast)
    {
        var now = time.GetUtcNow();
        var claims = new List<KeyClaim>();
        foreach (var (key, account) in _accounts)
        {
            lock (account)
            {
                foreach (var allowance in account.Allowances)
                {
                    allowance.Turn(now);
                    if (allowance.HasNews)
                    {
                        var claim = allowance.Ask(key);
                        claims.Add(isLast ? claim with { Asked = claim.Used } : claim);
                    }
                }
            }
        }

        return claims;
    }

    /// <summary>Takes over what the database said: to our claims, of the claims of all others, and whether there are any others. <paramref name="inForce"/>: accounts of other keys are given up.</summary>
    internal void Take(IReadOnlyList<KeyClaim> asked, KeyStandings standings, IReadOnlyList<VirtualKey> inForce)
    {
        var usedElsewhere = standings.Others.Keys.Select(place => place.Key).ToHashSet();
        foreach (var key in inForce.Where(key => usedElsewhere.Contains(key.Id)))
        {
            AccountOf(key);
        }

        var now = time.GetUtcNow();
        var reported = asked.ToDictionary(claim => (claim.Key, claim.Kind, claim.Start), claim => claim.Used);
        foreach (var (key, account) in _accounts)
        {
            lock (account)
            {
                foreach (var allowance in account.Allowances)
                {
                    allowance.Turn(now);
                    var place = (key, allowance.Kind, allowance.Start);
                    allowance.Take(
                        reported.TryGetValue(place, out var used) ? used : null,
                        standings.Claimed.TryGetValue(place, out var claimed) ? claimed : null,
                        standings.Others.GetValueOrDefault(place));
                }
            }
        }

        var known = inForce.Select(key => key.Id).ToHashSet();
        foreach (var gone in _accounts.Keys.Where(key => !known.Contains(key)))
        {
            _accounts.TryRemove(gone, out _);
        }

        _standing = new Standing(standings.Replicas == 0, time.GetTimestamp());
    }

    /// <summary>
    /// The database did not answer. Where a limit matters more than service, this replica no longer takes itself to be alone: another one may have started meanwhile.
    /// </summary>
    internal void Doubt()
    {
        if (_options.WithoutDatabase == WithoutDatabase.Refuse)
        {
            _standing = _standing with { IsAlone = false };
        }
    }

    internal void WakeUp()
    {
        try
        {
            if (Wake.CurrentCount == 0)
            {
                Wake.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Somebody else woke it.
        }
    }

    private KeyCredit Credit()
    {
        var standing = _standing;
        var isTrusted = standing.At is { } at && time.GetElapsedTime(at) <= Trust;
        return isTrusted ? (standing.IsAlone ? KeyCredit.Whole : KeyCredit.Slice)
            : _options.WithoutDatabase == WithoutDatabase.Allow ? KeyCredit.Whole
            : KeyCredit.LastSlice;
    }

    private Account? AccountOf(VirtualKey key) => key is { RequestsPerMinute: null, TokensPerMinute: null, Budget: null }
        ? null
        : _accounts.GetOrAdd(key.Id, static (_, made) => new Account(made.key, made.share), (key, share: _options.Slice));

    private static decimal AmountOf(KeyAllowance allowance, long tokens, decimal usd) => allowance.Kind switch
    {
        KeyAmounts.Requests => 1,
        KeyAmounts.Tokens => tokens,
        _ => usd,
    };

    /// <summary>When the database was last heard, and whether there was another replica then.</summary>
    private sealed record Standing(bool IsAlone, long? At);

    internal sealed class Account(VirtualKey key, double share)
    {
        public KeyAllowance[] Allowances { get; } =
        [
            .. key.RequestsPerMinute is { } requests ? [new KeyAllowance(KeyAmounts.Requests, requests, KeyWindow.Minute, share)] : Array.Empty<KeyAllowance>(),
            .. key.TokensPerMinute is { } tokens ? [new KeyAllowance(KeyAmounts.Tokens, tokens, KeyWindow.Minute, share)] : Array.Empty<KeyAllowance>(),
            .. key.Budget is { } budget ? [new KeyAllowance(KeyAmounts.Usd, budget.Usd, budget.Window, share)] : Array.Empty<KeyAllowance>(),
        ];
    }
}

/// <summary>What one request may use of its key's limits, until it is known what it used.</summary>
public sealed class KeyHold
{
    internal KeyHold(KeyAllowances.Account account, (DateTimeOffset Start, decimal Amount)[] held) => (Account, Held) = (account, held);

    internal KeyAllowances.Account Account { get; }

    internal (DateTimeOffset Start, decimal Amount)[] Held { get; }

    internal bool IsSettled { get; set; }
}

/// <summary>The limit that is in a request's way. <paramref name="Amount"/>: what the request would take of it. <paramref name="Reset"/>: until the window ends.</summary>
public sealed record KeyShortage(string Kind, decimal Limit, KeyWindow Window, decimal Amount, KeyRoom Room, TimeSpan Reset);

/// <summary>What is left of one limit, and how long it is until it begins anew.</summary>
public sealed record KeyBalance(string Kind, decimal Limit, decimal Remaining, TimeSpan Reset, KeyWindow Window);
