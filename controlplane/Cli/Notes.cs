namespace GatewayOps.Cli;

/// <summary>What `--help` and the guide say of a verb besides what it does, and the guide's page about it.</summary>
/// <param name="Text">Sentences.</param>
/// <param name="See">A page of controlplane/docs, with its heading; null for none.</param>
public sealed record Note(string Text, string? See = null)
{
    private static readonly Dictionary<string, Note> ByVerb = new()
    {
        ["demo"] = new("It touches no real account, and ends by itself."),
        ["dev"] = new("It touches no real account, whatever credentials are there. The other verbs find it by its data folder."),
        ["serve"] = new("Secrets belong in the environment, in .env, in key files or in Vault: arguments can be read by every user of the machine.", "settings.md"),
        ["emulator"] = new("", "emulator.md"),
        ["doctor"] = new("A running service checks with its own credentials and network; without one the command does, with those that a service started here would have. Nothing is changed, and no model is run."),
        ["test"] = new("Through the proxy of the service that the other verbs would talk to; with --direct, or where no service is named, straight to the gateway of CLOUDFLARE_ACCOUNT_ID. Tokens are not shown."),
        ["status"] = new(
            "healthy; degraded: a gateway is not as it is to be; inactive: no gateway, or no service although there are credentials; not-configured: neither service nor credentials; "
            + "unknown: the named service, or Cloudflare, does not answer. Requests and cache hits are those of 24 hours."),
        ["configure"] = new("Kept as the rule set `configured` (with --gateway: `configured-ID`) of priority 900; `content remove` ends it."),
        ["config get-contexts"] = new(Precedence),
        ["config use-context"] = new(Precedence),
        ["config set-context"] = new("Kept in gatewayops/contexts.json of XDG_CONFIG_HOME (~/.config), or in the file that GATEWAYOPS_CONFIG names: readable by its owner only. Tokens are printed by nothing."),
        ["completion"] = new("Load it for good with `source <(gatewayops completion bash)` in ~/.bashrc; in zsh, put it as _gatewayops into a folder of $fpath."),
        ["secret put"] = new("A service reads its settings at its start. Vault is one secret of the key/value engine version 2, named by GATEWAYOPS_VAULT_PATH (secret/gatewayops), with VAULT_ADDR and VAULT_TOKEN.", "settings.md"),
        ["chat"] = new(
            "Asks the proxy of the service that the other verbs would talk to and shows it AUTH_TOKEN; with --direct, or where no service is named, the gateway of CLOUDFLARE_ACCOUNT_ID with CLOUDFLARE_GATEWAY_TOKEN. "
            + "Ctrl-C ends the answer that is coming, and not the conversation. An answer that breaks off is said to be one, and forgotten. Costs are estimates by list prices. "
            + "Without a terminal each line of stdin is one question. exit, quit, q, salir or the end of input leaves."),
        ["content add"] = new("The same content as the latest adds none.", "rule-sets.md"),
        ["content get"] = new("The bytes as they were stored, whatever -o says."),
        ["content diff"] = new("A file is compared here. The order of rules and providers is no difference."),
        ["content replay"] = new("None of the requests is sent."),
        ["content execute"] = new("With a hash or an id: only that plan, once."),
        ["execute"] = new("With a hash or an id: only that plan, once."),
        ["lint"] = new("Information alone exits 0."),
        ["import"] = new("The document goes to stdout, notes to stderr."),
        ["stack import"] = new("", "pulumi.md"),
        ["stack adopt"] = new("", "pulumi.md"),
        ["token create"] = new("", "virtual-keys.md"),
        ["models"] = new("", "models-and-tokens.md#model-options"),
        ["tokenize"] = new("", "models-and-tokens.md#tokens"),
        ["route-check"] = new("", "models-and-tokens.md#route-check"),
        ["cache explain"] = new("", "models-and-tokens.md#why-a-request-misses-the-cache"),
        ["batch run"] = new("JSONL in, JSONL out in the same order, never more at a time than --workers; it goes on after a kill with --resume.", "batch.md"),
        ["run"] = new("As `batch run`.", "batch.md"),
        ["usage"] = new("With a small chart.", "usage.md"),
        ["logs"] = new("With --follow oldest first, and on until it is stopped; -o json is a value a line then.", "usage.md"),
        ["logs backfill"] = new("", "ingestion.md#backfill"),
        ["analytics"] = new("", "usage.md#analytics"),
        ["analytics reconcile"] = new("", "usage.md#analytics"),
    };

    private const string Precedence = "--context wins over GATEWAYOPS_URL, that over a `dev` that runs in the data folder, that over the current context.";

    /// <summary>The note of a verb by its path; null where there is no more to say.</summary>
    public static Note? Of(string verb) => ByVerb.GetValueOrDefault(verb);

    /// <summary>Every verb that has one.</summary>
    public static IReadOnlyCollection<string> Verbs => ByVerb.Keys;
}
