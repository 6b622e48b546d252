using GatewayOps.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.Tests.Storage;

public sealed class SchemaTests
{
    // Triggers are written by hand, and so is what they are declared as. Each day's partition repeats its table's shape under another name, and which days there are depends on the clock; the default partition is compared.
    private const string Catalogue = """
        with own as (
          select c.oid, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname !~ '_[0-9]{8}$' and c.relname <> '__EFMigrationsHistory')
        select line from (
          select 'table ' || relname || ' ' || coalesce(pg_get_partkeydef(oid), '') from own
          union all select 'column ' || relname || '.' || attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end
              || ' ' || attidentity::text || ' ' || coalesce(pg_get_expr(adbin, adrelid), '')
            from own join pg_attribute on attrelid = oid left join pg_attrdef on adrelid = attrelid and adnum = attnum where attnum > 0 and not attisdropped
          union all select 'index ' || pg_get_indexdef(indexrelid) from own join pg_index on indrelid = oid
          union all select 'constraint ' || own.relname || ' ' || conname || ' ' || pg_get_constraintdef(pg_constraint.oid) from own join pg_constraint on conrelid = own.oid and contype <> 't'
        ) lines (line) order by line
        """;

    [Fact]
    public async Task Snapshot_IsInStepWithTheModel()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var db = await database.Contexts.CreateDbContextAsync();

        Assert.False(db.Database.HasPendingModelChanges(), "the model changed without a migration: CONTRIBUTING.md says how to make one");
    }

    [Fact]
    public async Task Migrations_MakeTheCatalogueOfTheModel()
    {
        await using var migrated = await TestDatabase.CreateAsync();
        await using var created = await TestDatabase.CreateEmptyAsync();
        await using (var db = await created.Contexts.CreateDbContextAsync())
        {
            await db.Database.EnsureCreatedAsync();
        }

        var catalogue = await migrated.QueryAsync<string>(Catalogue);

        Assert.Equal(await created.QueryAsync<string>(Catalogue), catalogue);
        Assert.Contains("table gateway_logs RANGE (created_at)", catalogue);
        Assert.Contains("constraint revisions pk_revisions PRIMARY KEY (rule_set, number)", catalogue);
    }

    [Fact]
    public async Task Names_AreSnakeCase()
    {
        await using var database = await TestDatabase.CreateAsync();

        Assert.Empty(await database.QueryAsync<string>("""
            select c.relname || coalesce('.' || a.attname, '') from pg_class c
            join pg_namespace n on n.oid = c.relnamespace left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
            where n.nspname = 'public' and c.relname not like '%EFMigrationsHistory' and c.relname || coalesce(a.attname, '') ~ '[A-Z]'
            """));
    }
}
