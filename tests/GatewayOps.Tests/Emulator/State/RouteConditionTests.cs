using System.Text.Json;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.Management.Routes;

namespace GatewayOps.Tests.Emulator.State;

public sealed class RouteConditionTests
{
    private static readonly JsonElement Facts = JsonElement.Parse("""{"plan":"free","age":20,"beta":true,"tags":["a","b"],"none":null}""");

    [Theory]
    [InlineData("""{}""", true)]
    [InlineData("""{"plan":"free"}""", true)]
    [InlineData("""{"plan":"paid"}""", false)]
    [InlineData("""{"plan":{"$eq":"free"}}""", true)]
    [InlineData("""{"plan":{"$ne":"free"}}""", false)]
    [InlineData("""{"absent":{"$ne":"free"}}""", true)]
    [InlineData("""{"absent":{"$eq":null}}""", true)]
    [InlineData("""{"none":{"$eq":null}}""", true)]
    [InlineData("""{"plan":{"$eq":null}}""", false)]
    [InlineData("""{"plan":{"$in":["x","free"]}}""", true)]
    [InlineData("""{"plan":{"$in":[]}}""", false)]
    [InlineData("""{"plan":{"$nin":["x"]}}""", true)]
    [InlineData("""{"absent":{"$nin":["x"]}}""", true)]
    [InlineData("""{"age":{"$gt":19}}""", true)]
    [InlineData("""{"age":{"$gt":20}}""", false)]
    [InlineData("""{"age":{"$gte":20.0}}""", true)]
    [InlineData("""{"age":{"$lt":20}}""", false)]
    [InlineData("""{"age":{"$lte":20}}""", true)]
    [InlineData("""{"age":{"$gt":10,"$lt":15}}""", false)]
    [InlineData("""{"age":{"$gt":"10"}}""", false)]
    [InlineData("""{"age":{"$eq":"20"}}""", false)]
    [InlineData("""{"plan":{"$gt":"abc"}}""", true)]
    [InlineData("""{"absent":{"$lt":5}}""", false)]
    [InlineData("""{"beta":{"$eq":true}}""", true)]
    [InlineData("""{"tags":"b"}""", true)]
    [InlineData("""{"tags":["a","b"]}""", true)]
    [InlineData("""{"tags":{"$nin":["b"]}}""", false)]
    [InlineData("""{"plan":{"$exists":true}}""", true)]
    [InlineData("""{"absent":{"$exists":true}}""", false)]
    [InlineData("""{"absent":{"$exists":false}}""", true)]
    [InlineData("""{"age":{"$not":{"$gt":19}}}""", false)]
    [InlineData("""{"$not":{"plan":"paid"}}""", true)]
    [InlineData("""{"$and":[{"plan":"free"},{"age":{"$gt":19}}]}""", true)]
    [InlineData("""{"$and":[{"plan":"free"},{"age":19}]}""", false)]
    [InlineData("""{"$or":[{"plan":"paid"},{"age":20}]}""", true)]
    [InlineData("""{"plan":"free","$or":[{"age":1},{"age":2}]}""", false)]
    public void Holds_Operators_AreMongos(string conditions, bool holds)
    {
        var errors = new List<ApiError>();
        var condition = new RouteConditionReader(unknownOperators: false).Read(JsonElement.Parse(conditions), FieldPath.Body, errors);

        Assert.Empty(errors);
        Assert.Equal(holds, condition.Holds(name => Facts.TryGetProperty(name, out var value) ? value : null));
    }
}
