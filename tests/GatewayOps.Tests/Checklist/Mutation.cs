namespace GatewayOps.Tests.Checklist;

/// <summary>A feature broken in one place, on purpose, and the test that must turn red by it: that it is green otherwise says little of a test. Run by GatewayOps.Long.Tests.</summary>
/// <param name="Id">The feature, which <paramref name="Test"/> carries.</param>
/// <param name="Name">What is broken, for people.</param>
/// <param name="File">The source, from the root of the repository.</param>
/// <param name="Text">Stands in the file exactly once.</param>
/// <param name="Replacement">Compiles in its place.</param>
/// <param name="Test">A test of GatewayOps.Tests, from there: `Proxy.CacheTests.Cache_AfterTheTtl_Misses`.</param>
internal sealed record Mutation(string Id, string Name, string File, string Text, string Replacement, string Test)
{
    public string System => Id[..2];

    public string FullTestName => $"GatewayOps.Tests.{Test}";

    /// <summary>Five of each older system, each of another feature.</summary>
    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("S0-03", "the token's names have another order", "controlplane/Client/Settings/SettingReader.cs",
            """["CLOUDFLARE_GATEWAY_TOKEN", "CLOUDFLARE_AUTH_TOKEN", "CLOUDFLARE_API_TOKEN"]""", """["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_AUTH_TOKEN", "CLOUDFLARE_GATEWAY_TOKEN"]""",
            "Client.OptionsTests.Token_HasThreeNames_TheGatewaysOwnFirst"),
        new("S0-05", "another model is the default", "controlplane/Client/GatewayClientOptions.cs",
            """DefaultModel = "@cf/meta/llama-2-7b-chat-int8";""", """DefaultModel = "@cf/meta/llama-2-13b-chat-int8";""",
            "Client.ChatTests.Model_OfTheEnvironment_IsTheProvidersModel"),
        new("S0-12", "the .env file beats the environment", "controlplane/Client/Settings/SettingLayers.cs",
            "[sources.Variable, name => dotEnv.GetValueOrDefault(name)]", "[name => dotEnv.GetValueOrDefault(name), sources.Variable]",
            "Client.OptionsTests.DotEnv_IsRead_AndTheEnvironmentWins"),
        new("S0-15", "a gateway that is not there is a failure like any other", "controlplane/Service/Proxy/GatewayFaults.cs",
            "[2001] = new(404,", "[-2001] = new(404,",
            "Proxy.AttemptTests.Gateway_Unknown_SaysWhatToDo"),
        new("S0-17", "no model is suggested", "controlplane/Service/Proxy/UnknownModel.cs",
            "MostSuggestions = 3;", "MostSuggestions = 0;",
            "Proxy.UnknownModelTests.Answer_NamesWhatIsNear"),

        new("S1-02", "a rate limit lets one more through", "controlplane/Service/Proxy/RateWindow.cs",
            "for (var i = 0; left >= limit.Limit; i++)", "for (var i = 0; left > limit.Limit; i++)",
            "Proxy.RateLimitTests.Limit_TheThirdOfTwoAMinute_Is429AndTheProviderIsNotAsked"),
        new("S1-08", "a quota counts what is under way alone", "controlplane/Service/Usage/UsageLedger.cs",
            "ofGateway.ExceededBy(whole.Total + estimate)", "ofGateway.ExceededBy(whole.Held + estimate)",
            "Proxy.QuotaTests.Quota_RequestsUsedUp_IsRefusedBeforeTheCallUntilTheNextDay"),
        new("S1-16", "configure forgets the providers of before", "controlplane/Cli/Commands/ConfigureCommand.cs",
            """document["providers"] ??= new JsonArray();""", """document["providers"] = new JsonArray();""",
            "Cli.VerbRequestTests.Configure_Twice_KeepsWhatWasSetBefore_AndExecutesTheRevision"),
        new("S1-26", "every member of the body is part of a cache key", "controlplane/Service/Proxy/CacheKey.cs",
            "fields.Count == 0 || fields.Any(member.NameEquals)", "fields.Count >= 0 || fields.Any(member.NameEquals)",
            "Proxy.CacheTests.Cache_FieldOutsideTheKey_DoesNotMatter"),
        new("S1-27", "providers are asked in the order of the file", "controlplane/Rules/Compiling/Merge.cs",
            "document => document.Providers).OrderBy(provider => provider.Priority)]", "document => document.Providers)]",
            "Rules.RouteTableTests.Match_SeedFallbackChain_OrdersUpstreamsByPriority"),

        new("S2-12", "a token in the address goes on to the provider", "controlplane/Service/Access/ProxyAccess.cs",
            "!pair.Key.Equals(QueryName, StringComparison.OrdinalIgnoreCase)", "pair.Key.Length > 0",
            "Proxy.CloudflareShape.NativeCallTests.Call_PassesAsItIs_AndItsAnswerToo"),
        new("S2-16", "the headers of the browser SDK are not allowed", "controlplane/Service/Proxy/CrossOrigin.cs",
            "name.StartsWith(\"x-stainless-\", StringComparison.OrdinalIgnoreCase) || ", "",
            "Proxy.SurfaceTests.Preflight_OfTheBrowserSdk_IsAllowedWithoutAToken"),
        new("S2-18", "the session's cookie is not read", "controlplane/Service/Proxy/Session.cs",
            "request.Cookies[\"session_id\"]", "request.Cookies[\"session\"]",
            "Proxy.ChatTests.Chat_SessionCookie_IsDecoded"),
        new("S2-30", "o3-mini is no model of OpenAI", "controlplane/Rules/ModelRouting.cs",
            "\"o3\", \"o3-*\", ", "\"o3\", ",
            "Proxy.Explaining.RouteCheckTests.Model_FindsItsProvider"),
        new("S2-33", "bounds of numbers have no upper end", "controlplane/Service/Proxy/Dialects/RequestBounds.cs",
            "number >= Least && number <= Most", "number >= Least",
            "Proxy.RequestReaderTests.Read_FaultyBody_NamesTheFault"),

        new("S3-08", "a new gateway is open to everybody", "controlplane/Service/Reconciliation/NewGateway.cs",
            "[\"authentication\"] = true,", "[\"authentication\"] = false,",
            "Reconciliation.GatewayTests.Create_NewGateway_IsMadeOnceAndClosedToStrangers"),
        new("S3-11", "a model's name is split at its last slash", "controlplane/Rules/ModelRouting.cs",
            "model.IndexOf('/', StringComparison.Ordinal) is var slash", "model.LastIndexOf('/') is var slash",
            "Rules.ModelRoutingTests.Resolve_ProviderAndModel_SplitsAtTheFirstSlash"),
        new("S3-15", "functions run for one turn more", "controlplane/Client/GatewayChatClient.cs",
            "if (turns >= _options.MaxTurns)", "if (turns > _options.MaxTurns)",
            "Client.FunctionTests.Turns_EndAtTheirLimit_WithAReasonOfTheirOwn"),
        new("S3-20", "waits after a 429 do not grow", "controlplane/Client/Wire/RetryRule.cs",
            "Delay * (1 << (attempt - 1)) *", "Delay *",
            "Client.ErrorTests.RateLimited_WaitsLongerEachTime_AndThenAnswers"),
        new("S3-22", "missing credits are a limit that passes", "controlplane/Client/Errors/FailureReader.cs",
            "(402, _) => FailureKind.InsufficientCredits,", "(402, _) => FailureKind.RateLimited,",
            "Client.ErrorTests.Failure_HasItsKind_StatusAndRequest_AndIsNotRepeated"),

        new("S4-09", "the 8B model is renamed like the 70B one", "controlplane/Rules/WorkersAiModel.cs",
            "\"llama-3-70b-instruct\" =>", "\"@cf/meta/llama-3-8b-instruct\" => \"@cf/meta/llama-3.1-8b-instruct\",\n        \"llama-3-70b-instruct\" =>",
            "Rules.ModelRoutingTests.Normalise_WorkersAiModel_ChangesOnlyTheSeventyBillionOne"),
        new("S4-10", "a prompt does not end where the model goes on", "controlplane/Client/WorkersAi/WorkersAiPrompt.cs",
            "parts.Append(\"ASSISTANT:\")", "parts",
            "Client.WorkersAiClientTests.Messages_AreOnePrompt_ToTheByte"),
        new("S4-11", "success false is not looked at", "controlplane/Client/WorkersAi/WorkersAiReader.cs",
            "root.MemberOf(\"success\").ValueKind == JsonValueKind.False", "root.MemberOf(\"failure\").ValueKind == JsonValueKind.True",
            "Client.WorkersAiClientTests.SuccessFalse_IsAnErrorOfAllItsMessages"),
        new("S4-13", "an address without a route is not explained", "controlplane/Client/WorkersAi/WorkersAiErrors.cs",
            "error.Code is \"7000\" or \"7001\" or \"7003\" || error.Message.Contains(\"No route for that URI\", StringComparison.OrdinalIgnoreCase)", "error.Code is \"7001\"",
            "Client.WorkersAiClientTests.NoRoute_SaysToCheckModelAndAddress"),
        new("S4-18", "a major outage at Cloudflare is fine", "controlplane/Service/Hosting/Diagnosis/Doctor.cs",
            "indicator is \"none\" or \"minor\"", "indicator is \"none\" or \"minor\" or \"major\"",
            "Hosting.Diagnosis.DoctorTests.StatusOf_WhatThePageSays_IsTold"),
    ];
}
