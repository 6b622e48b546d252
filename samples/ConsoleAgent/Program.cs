using System.ComponentModel;
using GatewayOps.Client;
using Microsoft.Extensions.AI;

try
{
    // Which gateway, which model and the token stand in the environment. On the way out, background tasks are waited for.
    await using var client = GatewayChatClient.FromEnvironment();
    var options = new ChatOptions
    {
        Instructions = "You help travellers. Be brief.",
        Tools = [GatewayTool.Function(GetWeather, "get_weather"), GatewayTool.Function(ConvertMoney, "convert_money"), GatewayTool.Background(NoteInterest, "note_interest")],
    };
    List<ChatMessage> conversation = [];
    // One question as the arguments, or a conversation: a line each.
    foreach (var question in args.Length > 0 ? [string.Join(' ', args)] : Lines())
    {
        conversation.Add(new ChatMessage(ChatRole.User, question));
        List<ChatResponseUpdate> said = [];
        await foreach (var update in client.GetStreamingResponseAsync(conversation, options))
        {
            Console.Write(update.Text);
            said.Add(update);
        }
        var answer = said.ToChatResponse();
        conversation.AddMessages(answer);
        var usage = answer.GetGatewayUsage();
        Console.WriteLine($"\n  ({usage.TotalTokens} tokens of {usage.Provider} in {usage.Turns} turns)");
    }
    return 0;
}
catch (Exception e) when (e is GatewayException or GatewayConfigurationException)
{
    // Both say what to do about it.
    Console.Error.WriteLine(e.Message);
    return 1;
}

[Description("Tells the weather of a city.")]
static string GetWeather([Description("The city, in English.")] string city) => $"22 °C and sunny in {city}";

[Description("Converts an amount of money.")]
static string ConvertMoney(decimal amount, [Description("Currency to convert from, as EUR.")] string from, [Description("Currency to convert to, as JPY.")] string to) => $"{amount} {from} are {amount * 160:0} {to}";

// Nobody waits for it, and its failure spoils no answer.
[Description("Notes what the traveller is interested in.")]
static Task NoteInterest(string interest) => File.AppendAllTextAsync("interests.txt", interest + Environment.NewLine);

static IEnumerable<string> Lines()
{
    while (Console.ReadLine() is { Length: > 0 } line) yield return line;
}
