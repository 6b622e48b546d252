namespace GatewayOps.Cli;

/// <summary>What `--help` shows under each verb, by the verb's path.</summary>
public static class Examples
{
    private static readonly Dictionary<string, string[]> ByVerb = new()
    {
        [""] =
        [
            "gatewayops dev",
            "gatewayops content add --file rules.json",
            "gatewayops plan --name production-rules",
            "gatewayops execute --name production-rules",
        ],
        ["demo"] = ["gatewayops demo"],
        ["dev"] = ["gatewayops dev", "gatewayops dev --port 9090 --data /tmp/gatewayops --no-traffic"],
        ["serve"] = ["gatewayops serve --urls http://0.0.0.0:8787"],
        ["emulator"] = ["gatewayops emulator --port 8788"],
        ["traffic"] = ["gatewayops traffic --pause 250"],
        ["health"] = ["gatewayops health", "GATEWAYOPS_URL=http://127.0.0.1:8788 gatewayops health /_emulator/health"],
        ["install"] = ["gatewayops install", "gatewayops install --data /var/lib/gatewayops"],
        ["uninstall"] = ["gatewayops uninstall"],
        ["doctor"] = ["gatewayops doctor", "gatewayops doctor -o json"],
        ["test"] = ["gatewayops test", "gatewayops test --model openai/gpt-4o-mini -o json", "gatewayops test --direct --gateway prod"],
        ["open"] = ["gatewayops open"],
        ["config get-contexts"] = ["gatewayops config get-contexts", "gatewayops config get-contexts -o name"],
        ["config current-context"] = ["gatewayops config current-context -o name"],
        ["config use-context"] = ["gatewayops config use-context prod"],
        ["config set-context"] =
        [
            "gatewayops config set-context dev --url http://127.0.0.1:8787 --use",
            "gatewayops config set-context prod --url https://gateway.example.com --from-file - < operator-token.txt",
            "gatewayops config set-context prod --proxy-from-env TEAM_KEY",
        ],
        ["config delete-context"] = ["gatewayops config delete-context prod"],
        ["completion"] = ["gatewayops completion bash > ~/.local/share/bash-completion/completions/gatewayops", "gatewayops completion zsh > ~/.zsh/completions/_gatewayops"],
        ["status"] = ["gatewayops status", "gatewayops status --gateway prod -o json"],
        ["start"] = ["gatewayops start", "gatewayops start --gateway prod"],
        ["configure"] = ["gatewayops configure --provider openrouter --cache-ttl 3600", "gatewayops configure --gateway prod --rate-limit 1000"],
        ["gateway list"] = ["gatewayops gateway list", "gatewayops gateway list -o name"],
        ["gateway show"] = ["gatewayops gateway show prod"],
        ["gateway create"] = ["gatewayops gateway create prod"],
        ["gateway drift"] = ["gatewayops gateway drift prod && echo as declared"],
        ["gateway reconcile"] = ["gatewayops gateway reconcile prod"],
        ["gateway pause"] = ["gatewayops gateway pause prod --reason \"incident 42\""],
        ["gateway resume"] = ["gatewayops gateway resume prod"],
        ["gateway control"] =
        [
            "gatewayops gateway control prod",
            "gatewayops gateway control prod --mode observe",
            "gatewayops gateway control prod --mode enforce --ignore cache_ttl --heed route/chat",
        ],
        ["content add"] = ["gatewayops content add --file rules.json", "gatewayops import | gatewayops content add --name imported --file -"],
        ["content validate"] = ["gatewayops content validate --file rules.json", "gatewayops content validate --file rules.json -o json"],
        ["content list"] = ["gatewayops content list", "gatewayops content list --format json"],
        ["content get"] = ["gatewayops content get --name production-rules > rules.json", "gatewayops content get --name production-rules --revision 3"],
        ["content remove"] = ["gatewayops content remove --name production-rules"],
        ["content diff"] =
        [
            "gatewayops content diff --name production-rules",
            "gatewayops content diff --name production-rules --from 3 --to 5",
            "gatewayops content diff --file rules.json",
        ],
        ["content history"] = ["gatewayops content history --name production-rules"],
        ["content replay"] = ["gatewayops content replay --name production-rules --file rules.json --since 24h", "gatewayops content replay --name production-rules --revision 3 --limit 1000"],
        ["content plan"] = Plan("content plan"),
        ["content execute"] = Execute("content execute"),
        ["content rollback"] = Rollback("content rollback"),
        ["plan"] = Plan("plan"),
        ["execute"] = Execute("execute"),
        ["rollback"] = Rollback("rollback"),
        ["lint"] = ["gatewayops lint --file rules.json", "gatewayops lint --name production-rules"],
        ["import"] = ["gatewayops import", "gatewayops import --gateway prod --name production-rules --output-file rules.json"],
        ["stack import"] = ["gatewayops stack import gatewayops/prod", "gatewayops stack import gatewayops/prod --gateway prod --output-file Pulumi.prod.yaml"],
        ["stack adopt"] = ["pulumi stack output --json | gatewayops stack adopt --file -", "gatewayops stack adopt --file handover.json --dry-run"],
        ["stack list"] = ["gatewayops stack list"],
        ["stack remove"] = ["gatewayops stack remove gateways/prod"],
        ["keys put"] = ["gatewayops keys put --gateway prod --provider openai < key.txt", "gatewayops keys put --gateway prod --provider anthropic --alias team-a --from-env ANTHROPIC_API_KEY"],
        ["keys list"] = ["gatewayops keys list"],
        ["keys rotate"] = ["gatewayops keys rotate --gateway prod --provider openai --from-file new-key.txt"],
        ["keys remove"] = ["gatewayops keys remove --gateway prod --provider openai"],
        ["secret put"] = ["gatewayops secret put OPENAI_API_KEY < key.txt", "gatewayops secret put CLOUDFLARE_API_TOKEN --from-env NEW_TOKEN", "gatewayops secret put AUTH_TOKEN --to vault < token.txt"],
        ["token create"] = ["gatewayops token create --name ci --scope apply --expires-in 90d", "gatewayops token create --name reader -o json"],
        ["token list"] = ["gatewayops token list"],
        ["token revoke"] = ["gatewayops token revoke 0199f0e2-5a51-7b7e-8a43-2f0d3c1b9a77"],
        ["token rotate"] = ["gatewayops token rotate 0199f0e2-5a51-7b7e-8a43-2f0d3c1b9a77 --grace 1h"],
        ["audit list"] = ["gatewayops audit list", "gatewayops audit list --actor ci --limit 500 -o json"],
        ["audit verify"] = ["gatewayops audit verify"],
        ["replicas"] = ["gatewayops replicas"],
        ["runs"] = ["gatewayops runs", "gatewayops runs --gateway prod --outcome failed"],
        ["chat"] =
        [
            "gatewayops chat",
            "gatewayops chat --model openai/gpt-4o-mini \"What is a gateway?\"",
            "gatewayops chat --system \"Answer in one line.\" - < question.txt",
            "gatewayops chat --direct --env-file .env Hola",
        ],
        ["models"] = ["gatewayops models", "gatewayops models -o name"],
        ["tokenize"] = ["gatewayops tokenize --model gpt-4o-mini \"How many tokens is this?\"", "gatewayops tokenize --model gpt-4o - < question.txt"],
        ["route-check"] = ["gatewayops route-check --model gpt-4o", "gatewayops route-check --file request.json --path /chat/completions -o json"],
        ["cache explain"] = ["gatewayops cache explain --file request.json", "gatewayops cache explain --file monday.json --with tuesday.json"],
        ["batch run"] = Batch("batch run"),
        ["run"] = ["gatewayops run prompts.jsonl", .. Batch("run")],
        ["usage"] = ["gatewayops usage", "gatewayops usage --by model --since 7d", "gatewayops usage --by hour --gateway prod", "gatewayops usage --compare openai/gpt-4"],
        ["analytics"] = ["gatewayops analytics", "gatewayops analytics --by hour --since 7d"],
        ["analytics reconcile"] = ["gatewayops analytics reconcile", "gatewayops analytics reconcile --gateway prod --since 7d --tolerance 0.05"],
        ["logs"] = ["gatewayops logs --tail 10", "gatewayops logs --gateway prod --follow", "gatewayops logs --status 5xx --since 2h", "gatewayops logs --source proxy --virtual-key team --outcome upstream_error -o json"],
        ["logs backfill"] = ["gatewayops logs backfill --gateway prod --from 2026-11-20T00:00:00Z --to 2026-11-21T00:00:00Z --wait"],
    };

    /// <summary>The examples of a verb; none for a group of verbs.</summary>
    public static IReadOnlyList<string> Of(string verb) => ByVerb.GetValueOrDefault(verb, []);

    /// <summary>Every verb that has examples.</summary>
    public static IReadOnlyCollection<string> Verbs => ByVerb.Keys;

    private static string[] Batch(string verb) =>
    [
        $"gatewayops {verb} --input prompts.jsonl --output answers.jsonl --model @cf/meta/llama-3.1-70b-instruct --workers 8",
        $"gatewayops {verb} --input prompts.jsonl --output answers.jsonl --model @cf/meta/llama-3.1-70b-instruct --workers 8 --resume",
        $"gatewayops {verb} --input prompts.jsonl --output first.jsonl --model openai/gpt-4o-mini --use-prefix --debug",
        $"gatewayops {verb} --input - --output - --temperature 0.7 < prompts.jsonl > answers.jsonl",
    ];

    private static string[] Plan(string verb) => [$"gatewayops {verb} --name production-rules", $"gatewayops {verb} --name production-rules --revision 3 --prune"];

    private static string[] Execute(string verb) =>
    [
        $"gatewayops {verb} --name production-rules",
        $"gatewayops {verb} --name production-rules --revision 3 --plan-hash 5f1e0c7a2d9b4e688c3a1b0d7f6e5c4b3a2918070f6e5d4c3b2a190807f6e5d4",
        $"gatewayops {verb} --name production-rules --prune --dry-run",
    ];

    private static string[] Rollback(string verb) => [$"gatewayops {verb} --name production-rules --revision 2", $"gatewayops {verb} --name production-rules --revision 2 --dry-run"];
}
