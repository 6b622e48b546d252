using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>A DLP profile that matched.</summary>
/// <param name="Policies">Those that look for the profile; none in the simple form of the settings.</param>
public sealed record DlpFinding(string Profile, IReadOnlyList<string> Entries, IReadOnlyList<string> Policies, GuardAction Action, bool InRequest);

/// <summary>What guardrails and DLP found in one call, as its log row and its headers tell it (contract 3, 12.2).</summary>
public sealed class GuardFindings
{
    // Most calls have nothing to tell: nothing is made for them.
    private List<(bool InPrompt, string Category, GuardAction Action)>? _hazards;
    private List<DlpFinding>? _dlp;
    private bool _scanned;
    private bool _unavailable;

    public void AddScan(bool inPrompt, IEnumerable<(string Category, GuardAction Action)> hazards)
    {
        _scanned = true;
        (_hazards ??= []).AddRange(hazards.Select(hazard => (inPrompt, hazard.Category, hazard.Action)));
    }

    /// <summary>The scanner was down.</summary>
    public void AddUnavailable() => _scanned = _unavailable = true;

    public void AddDlp(IReadOnlyCollection<DlpFinding> findings)
    {
        if (findings.Count > 0)
            (_dlp ??= []).AddRange(findings);
    }

    /// <summary>
    /// `{prompt: {S1: "BLOCK"}, response: {}}`, the categories that were found and what was to be done about them: a shape of ours, the contract has the
    /// member's name alone. Null when nothing was scanned.
    /// </summary>
    public string? Guardrails => !_scanned ? null : WireJson.Text(Json());

    /// <summary>FLAG or BLOCK, the strictest that was taken; null when nothing matched.</summary>
    public string? DlpAction => _dlp is null ? null : _dlp.Any(finding => finding.Action == GuardAction.Block) ? "BLOCK" : "FLAG";

    public string? DlpProfiles => _dlp is null ? null : WireJson.Text(new JsonArray([.. _dlp.Select(finding => Profile(finding, context: false))]));

    /// <summary>The value of `cf-aig-dlp`; null when nothing matched. Written in ASCII, as a header must be, whatever the ids are made of.</summary>
    public string? DlpHeader => _dlp is null ? null : new JsonObject
    {
        ["findings"] = new JsonArray([.. _dlp.Select(finding => Profile(finding, context: true))]),
        ["action"] = DlpAction,
    }.ToJsonString();

    private JsonObject Json()
    {
        var json = new JsonObject { ["prompt"] = Phase(inPrompt: true), ["response"] = Phase(inPrompt: false) };
        if (_unavailable)
            json["unavailable"] = true;
        return json;
    }

    private JsonObject Phase(bool inPrompt)
    {
        var phase = new JsonObject();
        foreach (var hazard in (_hazards ?? []).Where(hazard => hazard.InPrompt == inPrompt))
            phase[hazard.Category] = hazard.Action == GuardAction.Block ? "BLOCK" : "FLAG";
        return phase;
    }

    private static JsonObject Profile(DlpFinding finding, bool context)
    {
        var profile = new JsonObject();
        if (context)
            profile["context"] = new JsonObject();
        profile["entry_ids"] = Texts(finding.Entries);
        profile["profile_id"] = finding.Profile;
        return new JsonObject { ["profile"] = profile, ["policy_ids"] = Texts(finding.Policies), ["check"] = finding.InRequest ? "REQUEST" : "RESPONSE" };
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];
}
