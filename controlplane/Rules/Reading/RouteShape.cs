namespace GatewayOps.Rules.Reading;

/// <summary>The elements of a hand-written dynamic route, each kind for itself. How they hang together is checked by RouteGraph. Source: Cloudflare contract, section 5.1.</summary>
internal static class RouteShape
{
    // 100 days more than a year: beyond that a window never ends.
    private static readonly IntegerCheck Window = new(1, 31_622_400, "seconds");

    private static readonly ObjectCheck Edge = new("an edge", new Field("elementId", Texts.ElementId, "Where it leads.", IsRequired: true));

    // Without a fallback the route stops there, which is what leading to its end does.
    private static readonly ObjectCheck Choice = new(
        "the outputs object of a rate or model element",
        new("success", Edge, "When it went well.", IsRequired: true),
        new("fallback", Edge, "When it did not. Absent: the end of the route."));

    private static readonly KindCheck Limit = new(
        "the properties object of a rate element",
        "limitType",
        ("count", LimitOf("count", new IntegerCheck(1, 1_000_000_000, "requests"))),
        ("cost", LimitOf("cost", new NumberCheck(0, 1_000_000_000, "US dollars", aboveZero: true))));

    private static readonly KindCheck Element = new(
        "an element",
        "type",
        ("start", Kind("start", new Field("outputs", new ObjectCheck("the outputs object of a start", new Field("next", Edge, "The first element.", IsRequired: true)), "Where a request enters.", IsRequired: true))),
        ("conditional", Kind(
            "conditional",
            new("properties", new ObjectCheck(
                "the properties object of a conditional",
                new("conditions", new ConditionsCheck(), "In MongoDB's terms.", IsRequired: true),
                new("condition", new RefusedCheck("Cloudflare calls it \"conditions\" now: rename it."))), "The condition.", IsRequired: true),
            new("outputs", new ObjectCheck(
                "the outputs object of a conditional",
                new("true", Edge, "When the condition holds.", IsRequired: true),
                new("false", Edge, "When it does not.", IsRequired: true)), "By the condition.", IsRequired: true))),
        ("percentage", Kind("percentage", new Field("outputs", new MapCheck("the outputs of a percentage element", Texts.Share, Edge, 1, 6), "Up to five percentages, which total 100 or leave the rest to else.", IsRequired: true))),
        ("rate", Kind("rate", new("properties", Limit, "The limit.", IsRequired: true), new("outputs", Choice, "By the limit.", IsRequired: true))),
        ("model", Kind(
            "model",
            new("properties", new ObjectCheck(
                "the properties object of a model element",
                new("provider", Texts.Provider, "Who is asked.", IsRequired: true),
                new("model", Texts.ModelName, "What is asked for.", IsRequired: true),
                new("timeout", new IntegerCheck(1, 600_000, "milliseconds"), "To the first byte.", IsRequired: true),
                new("retries", new IntegerCheck(0, 10, "retries"), "Before the fallback.", IsRequired: true)), "The call.", IsRequired: true),
            new("outputs", Choice, "By the answer.", IsRequired: true))),
        ("end", Kind("end", new Field("outputs", new ObjectCheck("the outputs object of an end"), "None."))));

    public static readonly ListCheck Elements = new("elements", Element, 2, 200);

    private static ObjectCheck Kind(string type, params Field[] fields) => new(
        $"a {type} element",
        [new("id", Texts.ElementId, "Unique in the route.", IsRequired: true), new("type", new ChoiceCheck(type), "What the element does.", IsRequired: true), .. fields]);

    private static ObjectCheck LimitOf(string type, ValueCheck limit) => new(
        $"a limit by {type}",
        new("limitType", new ChoiceCheck(type), "What is counted: requests or US dollars.", IsRequired: true),
        new("key", Texts.RateKey, "What is counted by.", IsRequired: true),
        new("limit", limit, "What goes through per window; more goes to the fallback.", IsRequired: true),
        new("window", Window, "The window of the limit.", IsRequired: true),
        new("interval", new RefusedCheck("Cloudflare calls it \"window\" now: rename it.")),
        new("technique", new RefusedCheck("The rate element of a route has no technique. Leave it out.")));
}
