using System.Text.Json;
using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.Tests.Access;

/// <summary>What a start reads by hand is what EF Core reads: a column that only one of them knows shows here.</summary>
public sealed class IssuedTokenReaderTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.StoredNow();

    [Fact]
    public async Task Rows_AreThoseThatEfCoreReads()
    {
        await using var database = await TestDatabase.CreateAsync();
        OperatorTokenRow[] tokens = [Full(NewToken("full", 1)), NewToken("plain", 2)];
        VirtualKeyRow[] keys =
        [
            Full(new VirtualKeyRow
            {
                Id = Guid.NewGuid(), Name = "full", Digest = [3], CreatedAt = Now, CreatedBy = "us", Tenant = "t", Models = ["gpt-*"], Gateways = ["a", "b"], RequestsPerMinute = 1,
                TokensPerMinute = 2, BudgetUsd = 3.5m, BudgetWindow = "day",
            }),
            new() { Id = Guid.NewGuid(), Name = "plain", Digest = [4], CreatedAt = Now, CreatedBy = "us", Tenant = "t" },
        ];
        await using var db = await database.Contexts.CreateDbContextAsync();
        db.AddRange([.. tokens, .. keys]);
        await db.SaveChangesAsync();

        Same(await db.OperatorTokens.AsNoTracking().ToListAsync(), await IssuedTokenReader.TokensAsync(database.DataSource, CancellationToken.None));
        Same(await db.VirtualKeys.AsNoTracking().ToListAsync(), await IssuedTokenReader.KeysAsync(database.DataSource, CancellationToken.None));
    }

    private static OperatorTokenRow NewToken(string name, byte digest) => new() { Id = Guid.NewGuid(), Name = name, Digest = [digest], CreatedAt = Now, CreatedBy = "us", Scope = "read" };

    private static T Full<T>(T row)
        where T : IssuedTokenRow
    {
        (row.ExpiresAt, row.RotatedAt, row.RevokedAt, row.PreviousDigest, row.PreviousUntil) = (Now.AddDays(1), Now.AddHours(1), Now.AddHours(2), [5, (byte)row.Name.Length], Now.AddHours(3));
        Assert.All(typeof(T).GetProperties(), property => Assert.NotNull(property.GetValue(row)));
        return row;
    }

    // The version is EF Core's own.
    private static void Same<T>(IEnumerable<T> expected, IEnumerable<T> read)
        where T : IssuedTokenRow
    {
        Assert.Equal(Texts(expected), Texts(read));

        static IEnumerable<string> Texts(IEnumerable<T> rows) => rows.OrderBy(row => row.Name, StringComparer.Ordinal).Select(row =>
        {
            row.Version = 0;
            return JsonSerializer.Serialize(row);
        });
    }
}
