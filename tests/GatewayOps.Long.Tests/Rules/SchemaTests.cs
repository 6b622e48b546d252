using GatewayOps.Tests.Rules;

namespace GatewayOps.Long.Tests.Rules;

/// <summary>The published schema and the reader over far more documents than the default suite compares.</summary>
public sealed class SchemaTests
{
    [Fact]
    public void SchemaAndReader_TenThousandDocumentsWithSlips_GiveOneVerdict() => RuleSetSchemaTests.CompareSlips(rounds: 10_000);

    [Fact]
    public void SchemaAndReader_EveryOddValueInEveryPlace_GiveOneVerdict() => RuleSetSchemaTests.CompareOdd(perPlace: null);
}
