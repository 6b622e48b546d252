using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GatewayOps.Tests.Support;

/// <summary>A database for one test: fresh, migrated, dropped when it is disposed.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _name;

    private TestDatabase(string name, string connectionString)
    {
        _name = name;
        ConnectionString = connectionString;
        DataSource = NpgsqlDataSource.Create(connectionString);
        Contexts = TestDatabases.DatabasesOf(DataSource);
    }

    /// <summary>What `ConnectionStrings:GatewayOps` would be. The pool is small: all tests share one server.</summary>
    public string ConnectionString { get; }
    public NpgsqlDataSource DataSource { get; }

    /// <summary>Contexts on this database, as the service has them.</summary>
    public IDbContextFactory<GatewayOpsDb> Contexts { get; }

    /// <summary>A copy of the migrated template.</summary>
    public static Task<TestDatabase> CreateAsync() => MakeAsync(empty: false);

    /// <summary>A database without any table, for tests of migration itself.</summary>
    public static Task<TestDatabase> CreateEmptyAsync() => MakeAsync(empty: true);

    public async Task<int> ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of each row.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(await reader.GetFieldValueAsync<T>(0));
        }
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await TestDatabases.DropAsync(_name);
    }

    private static async Task<TestDatabase> MakeAsync(bool empty)
    {
        var made = await TestDatabases.MakeAsync(empty);
        return new TestDatabase(made, await TestDatabases.ConnectionToAsync(made) + ";Maximum Pool Size=16");
    }

    private NpgsqlCommand Command(string sql, object[] parameters)
    {
        var command = DataSource.CreateCommand(sql);
        foreach (var value in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
        return command;
    }
}
