using System.Reflection;
using GatewayOps.Rules;
using GatewayOps.Rules.Compiling;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Tests.Docs;

/// <summary>rule-sets.md names every field that the reader knows, with its range and where it is enforced.</summary>
public sealed class RuleSetsGuideTests
{
    [Fact]
    public void Fields_AreThoseOfTheReader() => GuideTable.Holds(
        "rule-sets.md", "Field", Fields(DocumentShape.Document, "").Where(row => row.Field.Check is not RefusedCheck).Select(row => new[] { $"`{row.Pointer}`", Value(row.Field), Place(row), row.Field.Meaning }));

    [Fact]
    public void ElementFields_AreThoseOfTheReader() => GuideTable.Holds("rule-sets.md", "Element field", Elements().Where(row => row.Field.Check is not RefusedCheck).Select(row => new[] { $"`{row.Pointer}`", Value(row.Field), row.Field.Meaning }));

    [Fact]
    public void Settings_AreThoseOfTheReader_WithTheirOwner() => GuideTable.Holds(
        "rule-sets.md", "Setting", SettingsShape.Check.Fields.Where(field => field.Check is not RefusedCheck).Select(field => new[]
        {
            $"`{field.Name}`", Value(field), FieldOwnership.Of(field.Name) == FieldOwner.ControlPlane ? "written" : "compared only",
        }));

    [Fact]
    public void Refused_AreThoseOfTheReader() => GuideTable.Holds(
        "rule-sets.md", "Refused", Fields(DocumentShape.Document, "").Concat(Fields(SettingsShape.Check, "/settings")).Concat(Elements()).DistinctBy(row => row.Pointer).Where(row => row.Field.Check is RefusedCheck).Select(row => new[] { $"`{row.Pointer}`" }));

    [Fact]
    public void Codes_AreThoseOfTheReader() => GuideTable.Holds(
        "rule-sets.md", "Code", typeof(RuleSetErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(code => new[] { $"`{code.GetRawConstantValue()}`" }));

    [Fact]
    public void Findings_AreThoseOfTheLint() => GuideTable.Holds("rule-sets.md", "Finding", RuleSetLint.Codes.Select(code => new[] { $"`{code.Key}`", code.Value.ToString().ToLowerInvariant() }));

    [Fact]
    public void WhatTheSchemaCannotSay_IsNamed() =>
        Assert.All(RuleSetSchema.Beyond, code => Assert.Contains($"`{code}`", File.ReadAllText(Support.Repository.File("controlplane/docs/rule-sets.md")).Split("## JSON schema")[1].Split("## ")[0], StringComparison.Ordinal));

    private static IEnumerable<(string Pointer, Field Field)> Fields(ObjectCheck check, string at) => check.Fields.SelectMany(field => Of(field, $"{at}/{field.Name}"));

    private static IEnumerable<(string Pointer, Field Field)> Of(Field field, string at) => field.Check switch
    {
        ObjectCheck inner when at is not "/settings" && !at.StartsWith("/settings/", StringComparison.Ordinal) => Fields(inner, at),
        ListCheck { Item: ObjectCheck item } when !at.StartsWith("/settings/", StringComparison.Ordinal) => [(at, field), .. Fields(item, $"{at}/*")],
        ListCheck { Item: EitherCheck { First: ObjectCheck first, Second: ObjectCheck second } } => [(at, field), .. Fields(first, $"{at}/*").Concat(Fields(second, $"{at}/*")).DistinctBy(row => row.Pointer)],
        MapCheck { Item: ObjectCheck item } => [(at, field), .. Fields(item, $"{at}/*")],
        _ => [(at, field)],
    };

    // `id` and `type`, which all elements have, once; the rest by the kind of element.
    private static IEnumerable<(string Pointer, Field Field)> Elements() => ((KindCheck)RouteShape.Elements.Item).Kinds
        .SelectMany(kind => kind.Check.Fields.Select(field => field.Name is "id" ? ("id", field) : ($"{kind.Kind}: {field.Name}", field)))
        .Where(row => row.field.Name is not "type")
        .SelectMany(row => Below(row.Item1, row.field))
        .DistinctBy(row => row.Pointer);

    private static IEnumerable<(string Pointer, Field Field)> Below(string at, Field field) => field.Check switch
    {
        ObjectCheck { Fields: [{ Name: "elementId" }] } => [(at, field)],
        ObjectCheck { Fields.Count: > 0 } inner => inner.Fields.SelectMany(below => Below($"{at}/{below.Name}", below)),
        KindCheck kinds => kinds.Kinds.SelectMany(kind => kind.Check.Fields.SelectMany(below => Below(below.Name == "limit" ? $"{at}/limit ({kind.Kind})" : $"{at}/{below.Name}", below.Name == "limitType" ? below with { Check = new ChoiceCheck([.. kinds.Kinds.Select(known => known.Kind)]) } : below))),
        _ => [(at, field)],
    };

    private static string Value(Field field)
    {
        var value = field.Check switch
        {
            ListCheck list => list.Bounded,
            MapCheck map => map.Bounded,
            TextCheck text => $"{text.Expected}, up to {text.MaxLength} characters",
            var other => other.Expected,
        };
        return $"{value.Replace("\"", "`")}{(field.IsRequired ? "; required" : "")}{(field.IsNullable ? "; null is off" : "")}";
    }

    private static string Place((string Pointer, Field Field) row) => row switch
    {
        { Pointer: "/settings" } => "see below",
        { Field.Check: ListCheck { Item: ObjectCheck or EitherCheck } } or { Field.Check: MapCheck { Item: ObjectCheck } } => "see its fields",
        _ => EnforcementTable.RowOf(row.Pointer.Replace('*', '0') + (row.Field.Check is MapCheck ? "/x" : row.Pointer.EndsWith("/elements", StringComparison.Ordinal) ? "/0/id" : "")).Point switch
        {
            EnforcementPoint.Document => "document",
            EnforcementPoint.Proxy => "proxy",
            EnforcementPoint.RequestHeader => "request header",
            EnforcementPoint.DynamicRoute => "dynamic route",
            EnforcementPoint.Policy => "policy",
            EnforcementPoint.CustomProvider => "custom provider",
            var other => other.ToString(),
        },
    };
}
