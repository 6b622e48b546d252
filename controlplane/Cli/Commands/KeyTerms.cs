using System.CommandLine;
using System.Text.Json.Nodes;

namespace GatewayOps.Cli.Commands;

/// <summary>The options that say what a virtual key may use.</summary>
internal sealed class KeyTerms
{
    private readonly Option<bool> _key = new("--key") { Description = "Make a virtual key: a token for a caller of the proxy, with the limits that the options below give it." };
    private readonly Option<string[]> _models = new("--model") { Description = "Model that the key may use, as gpt-4o*, openai/* or @cf/*. May be repeated; default: all.", HelpName = "pattern" };
    private readonly Option<string[]> _gateways = new("--gateway", "-g") { Description = "Gateway that the key may use, with * for any characters. May be repeated; default: all.", HelpName = "pattern" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "Keys of one tenant share cached answers and the rate limits of rules; default: the key's name." };
    private readonly Option<long?> _requests = new("--rpm") { Description = "Requests in a minute; default: no limit." };
    private readonly Option<long?> _tokens = new("--tpm") { Description = "Tokens in a minute, in and out; default: no limit." };
    private readonly Option<decimal?> _budget = new("--budget") { Description = "US dollars in a window; default: no budget." };
    private readonly Option<string?> _window = new("--window") { Description = "Window of the budget: day, month (both of UTC), or seconds; default: day." };

    public void AddTo(Command verb)
    {
        foreach (var option in new Option[] { _key, _models, _gateways, _tenant, _requests, _tokens, _budget, _window })
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>What the key may use; null where no key is asked for.</summary>
    public JsonObject? Read(Call call)
    {
        var terms = new JsonObject();
        Add("models", Texts(call.Optional(_models)));
        Add("gateways", Texts(call.Optional(_gateways)));
        Add("tenant", call.Optional(_tenant));
        Add("requestsPerMinute", call.Optional(_requests));
        Add("tokensPerMinute", call.Optional(_tokens));
        Add("budgetUsd", call.Optional(_budget));
        Add("budgetWindow", call.Optional(_window));
        return call.Value(_key) ? terms
            : terms.Count == 0 ? null
            : throw new CliException("Limits and scopes are those of a virtual key, and --key is missing.", "add --key, or leave them out for an operator token");

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                terms[name] = value;
            }
        }
    }

    private static JsonArray? Texts(string[]? texts) => texts is null or [] ? null : new JsonArray([.. texts.Select(text => (JsonNode)text)]);
}
