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
        "rule-sets.md", "Field", Fields(DocumentShape.Document, "").Where(row => row.Field.Check is not RefusedCheck).Select(row => new[] { $"`{row.Pointer}`", Value(row.Field), Place(row) }));

    [Fact]
    public void Settings_AreThoseOfTheReader_WithTheirOwner() => GuideTable.Holds(
        "rule-sets.md", "Setting", SettingsShape.Check.Fields.Where(field => field.Check is not RefusedCheck).Select(field => new[]
        {
            $"`{field.Name}`", Value(field), FieldOwnership.Of(field.Name) == FieldOwner.ControlPlane ? "written" : "compared only",
        }));

    [Fact]
    public void Refused_AreThoseOfTheReader() => GuideTable.Holds(
        "rule-sets.md", "Refused", Fields(DocumentShape.Document, "").Concat(Fields(SettingsShape.Check, "/settings")).Where(row => row.Field.Check is RefusedCheck).Select(row => new[] { $"`{row.Pointer}`" }));

    [Fact]
    public void Codes_AreThoseOfTheReader() => GuideTable.Holds(
        "rule-sets.md", "Code", typeof(RuleSetErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(code => new[] { $"`{code.GetRawConstantValue()}`" }));

    private static IEnumerable<(string Pointer, Field Field)> Fields(ObjectCheck check, string at) => check.Fields.SelectMany(field => Of(field, $"{at}/{field.Name}"));

    private static IEnumerable<(string Pointer, Field Field)> Of(Field field, string at) => field.Check switch
    {
        ObjectCheck inner when at is "/fallback" or "/rules/*/match" or "/rules/*/cache" => Fields(inner, at),
        ListCheck { Item: ObjectCheck item } when at is "/rules" or "/providers" => [(at, field), .. Fields(item, $"{at}/*")],
        _ => [(at, field)],
    };

    private static string Value(Field field)
    {
        var value = field.Check switch
        {
            ListCheck list => list.Bounded,
            TextCheck text => $"{text.Expected}, up to {text.MaxLength} characters",
            var other => other.Expected,
        };
        return $"{value.Replace("\"", "`")}{(field.IsRequired ? "; required" : "")}{(field.IsNullable ? "; null is off" : "")}";
    }

    private static string Place((string Pointer, Field Field) row) => row switch
    {
        { Pointer: "/settings" } => "see below",
        { Field.Check: ListCheck { Item: ObjectCheck } } => "see its fields",
        _ => EnforcementTable.RowOf(new DocumentLeaf(row.Pointer.Replace('*', '0'), "")).Point switch
        {
            EnforcementPoint.Document => "document",
            EnforcementPoint.Proxy => "proxy",
            EnforcementPoint.RequestHeader => "request header",
            var other => other.ToString(),
        },
    };
}
