using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace GatewayOps.Emulator.State;

/// <summary>Why a token does not help its bearer.</summary>
public enum TokenRefusal
{
    /// <summary>No such token, or it is disabled, expired, or not valid yet.</summary>
    Unusable,

    /// <summary>Its condition forbids the caller's address.</summary>
    WrongAddress,

    /// <summary>It is so new that some of Cloudflare does not know it yet.</summary>
    NotEverywhereYet,
}

/// <summary>The API tokens of the account and of its user. Safe for concurrent use; reading takes no lock.</summary>
public sealed class TokenStore
{
    /// <summary>How long each answer of a new token holds before it flaps to the other.</summary>
    public static readonly TimeSpan FlapPeriod = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, TokenState> _byHash = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _lastUsed = new(StringComparer.Ordinal);
    private readonly EmulatorOptions _options;
    private readonly EmulatorClock _clock;

    public TokenStore(EmulatorOptions options, EmulatorClock clock)
    {
        (_options, _clock) = (options, clock);
        var now = clock.GetUtcNow();
        var terms = new TokenTerms("The token of the options", [], Condition: null, ExpiresOn: null, NotBefore: null);
        var hash = HashOf(options.ApiToken);
        _byHash[hash] = new TokenState("ed17574386854bf78a67040be0a770b0", TokenOwner.User, terms, now, now, DateTimeOffset.MinValue, hash) { IsRoot = true };
    }

    /// <summary>In order of creation, without the token of the options.</summary>
    public IReadOnlyList<TokenState> Of(TokenOwner owner) =>
        [.. _byHash.Values.Where(token => token.Owner == owner && !token.IsRoot).OrderBy(token => token.IssuedOn).ThenBy(token => token.Id, StringComparer.Ordinal)];

    public TokenState? Find(TokenOwner owner, string id) => _byHash.Values.FirstOrDefault(token => token.Id == id && token.Owner == owner && !token.IsRoot);

    public TokenState? FindByValue(string value) => _byHash.GetValueOrDefault(HashOf(value));

    /// <summary>The token of this value when it can be used now and from here; otherwise why not.</summary>
    public (TokenState? Token, TokenRefusal Refusal) Check(string value, IPAddress? from)
    {
        var now = _clock.GetUtcNow();
        if (FindByValue(value) is not { } token || token.StatusAt(now) != TokenStatus.Active || token.Terms.NotBefore > now)
            return (null, TokenRefusal.Unusable);
        if (!token.Terms.Admits(from))
            return (null, TokenRefusal.WrongAddress);
        // By the clock alone, so that a test can walk through it: refused, accepted, refused, … until the time is over.
        var age = now - token.ValueSetOn;
        if (age < _options.TokenPropagation && age.Ticks / FlapPeriod.Ticks % 2 == 0)
            return (null, TokenRefusal.NotEverywhereYet);
        if (!token.IsRoot)
            _lastUsed[token.Id] = now.UtcTicks;
        return (token, default);
    }

    /// <summary>When the token was last accepted; null = never.</summary>
    public DateTimeOffset? LastUsed(TokenState token) => _lastUsed.TryGetValue(token.Id, out var ticks) ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Null when the owner has as many as it may. The value is returned here and nowhere else.</summary>
    public (TokenState Token, string Value)? Add(TokenOwner owner, TokenTerms terms)
    {
        lock (_lock)
        {
            if (Of(owner).Count >= (owner == TokenOwner.User ? _options.MaxUserTokens : _options.MaxAccountTokens))
                return null;
            var (now, value) = (_clock.GetUtcNow(), NewValue(owner));
            var token = new TokenState(Identifier.NewHex(), owner, terms, now, now, now, HashOf(value));
            _byHash[token.ValueHash] = token;
            return (token, value);
        }
    }

    public TokenState? Change(TokenOwner owner, string id, TokenTerms terms)
    {
        lock (_lock)
            return Find(owner, id) is { } token ? _byHash[token.ValueHash] = token with { Terms = terms, ModifiedOn = _clock.GetUtcNow() } : null;
    }

    public TokenState? Remove(TokenOwner owner, string id)
    {
        lock (_lock)
        {
            if (Find(owner, id) is not { } token)
                return null;
            _lastUsed.TryRemove(id, out _);
            return _byHash.TryRemove(token.ValueHash, out var removed) ? removed : null;
        }
    }

    /// <summary>Gives the token a new value, and the old one is worth nothing. Null when there is no such token.</summary>
    public string? Roll(TokenOwner owner, string id)
    {
        lock (_lock)
        {
            if (Find(owner, id) is not { } token)
                return null;
            var (now, value) = (_clock.GetUtcNow(), NewValue(owner));
            _byHash.TryRemove(token.ValueHash, out _);
            var rolled = token with { ValueHash = HashOf(value), ValueSetOn = now, ModifiedOn = now };
            _byHash[rolled.ValueHash] = rolled;
            return value;
        }
    }

    /// <summary>Puts back a token of a snapshot. False when its id or its value is taken.</summary>
    public bool Restore(TokenState token, DateTimeOffset? lastUsed)
    {
        lock (_lock)
        {
            if (Find(token.Owner, token.Id) is not null || !_byHash.TryAdd(token.ValueHash, token))
                return false;
            if (lastUsed is { } used)
                _lastUsed[token.Id] = used.UtcTicks;
            return true;
        }
    }

    private static string NewValue(TokenOwner owner) =>
        (owner == TokenOwner.User ? "cfut_" : "cfat_") + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40);

    private static string HashOf(string value) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}
