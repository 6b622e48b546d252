namespace GatewayOps.Tests.Contract;

/// <summary>
/// Every answer of the emulated management API is held to the document in every test that asks for it. Here: that this would find any required member
/// that the emulator left out and any value of a wrong type, in one real answer of each operation.
/// </summary>
public sealed class AnswerMutationTests(EmulatorWalk walk) : IClassFixture<EmulatorWalk>
{
    // Bodies as they were stored: nothing in them is Cloudflare's.
    private static readonly string[] Raw = ["getLogRequest", "getLogResponse"];

    private IEnumerable<WalkedAnswer> Answers => walk.Answers.Values.Where(answer => !Raw.Contains(answer.Operation.Id)).Append(walk.Refused);

    [Fact]
    public void Answers_OfEveryOperation_FitTheDocument()
    {
        Assert.Empty(OpenApiDocument.Cloudflare.Operations.Select(operation => operation.Id).Except(walk.Answers.Keys));
        Assert.All(walk.Answers.Values, answer => Assert.Empty(answer.Operation.AnswerViolations(answer.Status, answer.ContentType, answer.Bytes)));
    }

    [Fact]
    public void Mutations_OfAnyRequiredMemberOrType_AreFound()
    {
        var unnoticed = new List<string>();
        var tried = 0;
        foreach (var answer in Answers)
        {
            var schema = answer.Operation.AnswerTo(answer.Status);
            foreach (var mutation in AnswerMutations.Of(schema, answer.Body).Found)
            {
                tried++;
                if (!schema.Violations(mutation.Answer, Traffic.Response).Any())
                    unnoticed.Add($"{answer.Operation.Id}: {mutation.What}");
            }
        }
        Assert.Empty(unnoticed);
        Assert.True(tried > 2000, $"{tried} mutations");
    }

    /// <summary>The walk is rich enough: it meets every schema that answers are made of.</summary>
    [Fact]
    public void Walk_MeetsEverySchemaOfAnswers()
    {
        var met = Answers.SelectMany(answer => AnswerMutations.Of(answer.Operation.AnswerTo(answer.Status), answer.Body).Schemas).ToHashSet();
        Assert.Equal([], OpenApiDocument.Cloudflare.SchemasOfAnswers().Except(met).Order());
    }
}
