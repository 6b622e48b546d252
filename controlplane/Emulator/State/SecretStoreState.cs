namespace GatewayOps.Emulator.State;

public sealed record NewSecret(string Name, string Value, IReadOnlyList<string> Scopes, string? Comment)
{
    public override string ToString() => $"new secret {Name}";
}

/// <summary>The Secrets Store of an account. Safe for concurrent use.</summary>
public sealed class SecretStoreState(string name, EmulatorOptions options, EmulatorClock clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SecretState> _secrets = [];
    private bool _closed;

    public string Id { get; init; } = Identifier.NewHex();
    public string Name => name;
    public DateTimeOffset Created { get; init; } = clock.GetUtcNow();

    /// <summary>In order of creation.</summary>
    public IReadOnlyList<SecretState> Secrets
    {
        get
        {
            lock (_lock)
                return [.. _secrets.Values.OrderBy(secret => secret.Created).ThenBy(secret => secret.Name)];
        }
    }

    public SecretState? Find(string id)
    {
        lock (_lock)
            return _secrets.GetValueOrDefault(id);
    }

    public SecretState? FindByName(string secretName) => Secrets.FirstOrDefault(secret => secret.Name == secretName);

    /// <summary>Adds all of them or none.</summary>
    public (Added Outcome, IReadOnlyList<SecretState> Secrets) Add(IReadOnlyList<NewSecret> secrets)
    {
        lock (_lock)
        {
            if (_closed)
                return (Added.Gone, []);
            var names = _secrets.Values.Select(secret => secret.Name).ToHashSet();
            if (!secrets.All(secret => names.Add(secret.Name)))
                return (Added.AlreadyExists, []);
            if (names.Count > options.MaxSecrets)
                return (Added.LimitReached, []);
            var now = clock.GetUtcNow();
            SecretState[] added = [.. secrets.Select(secret => new SecretState
            {
                Id = Identifier.NewHex(),
                Name = secret.Name,
                Value = secret.Value,
                Scopes = Ordered(secret.Scopes),
                Comment = secret.Comment,
                Created = now,
                Modified = now,
                ActiveFrom = now + options.SecretActivationDelay,
            })];
            foreach (var secret in added)
                _secrets.Add(secret.Id, secret);
            return (Added.Yes, added);
        }
    }

    /// <summary>Puts back a secret of a snapshot. False when its id or its name is taken.</summary>
    public bool Restore(SecretState secret)
    {
        lock (_lock)
            return _secrets.Values.All(other => other.Name != secret.Name) && _secrets.TryAdd(secret.Id, secret);
    }

    /// <summary>Changes what is given, keeps the rest. Null when there is no such secret.</summary>
    public SecretState? Change(string id, string? value, IReadOnlyList<string>? scopes, string? comment)
    {
        lock (_lock)
        {
            if (!_secrets.TryGetValue(id, out var secret))
                return null;
            return _secrets[id] = secret with
            {
                Value = value ?? secret.Value,
                Scopes = scopes is null ? secret.Scopes : Ordered(scopes),
                Comment = comment ?? secret.Comment,
                Modified = clock.GetUtcNow(),
            };
        }
    }

    public SecretState? Remove(string id)
    {
        lock (_lock)
            return _secrets.Remove(id, out var secret) ? secret : null;
    }

    /// <summary>Ends the store, with its secrets where it is forced. False, and nothing is changed, when it has some and is not.</summary>
    public bool Close(bool force)
    {
        lock (_lock)
        {
            if (_secrets.Count > 0 && !force)
                return false;
            _secrets.Clear();
            return _closed = true;
        }
    }

    private static string[] Ordered(IEnumerable<string> scopes) => [.. scopes.Distinct().Order(StringComparer.Ordinal)];
}
