using System.Reflection;
using System.Text;
using GatewayOps.Client;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Client;

/// <summary>What the package promises: a change of it is a change of the golden file. That every promise is documented, the compiler holds (the project makes errors of CS1591 and CS1573).</summary>
public sealed class PublicApiTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly Assembly = typeof(GatewayChatClient).Assembly;

    [Fact]
    public void PublicApi_IsAsReviewed()
    {
        var text = new StringBuilder();
        foreach (var type in Types())
        {
            text.Append(Kind(type)).Append(' ').Append(type.FullName).Append(type.BaseType is { } parent && parent != typeof(object) && !type.IsValueType ? $" : {Name(parent)}" : "").Append('\n');
            foreach (var member in Members(type).Select(Signature).Order(StringComparer.Ordinal)) text.Append("  ").Append(member).Append('\n');
        }
        Golden.Matches("client-api.txt", text.ToString());
    }

    [Fact, Trait("checklist", "S3-01"), Trait("checklist", "S3-26")]
    public void Api_HasNoPlaceForAProvidersKey() =>
        Assert.DoesNotContain(Types().SelectMany(type => type.GetProperties()), property => property.Name.Contains("Key", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Type> Types() => Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal);

    private static IEnumerable<MemberInfo> Members(Type type) => type.GetMembers(Declared).Where(member => member switch
    {
        MethodInfo method => (method.IsPublic || method.IsFamily) && !method.IsSpecialName && !IsOfRecord(method),
        ConstructorInfo made => made.IsPublic && !(made.GetParameters() is [var only] && only.ParameterType == type),
        PropertyInfo property => property.GetMethod is { IsPublic: true } && property.Name != "EqualityContract",
        FieldInfo field => field.IsPublic && field.Name != "value__",
        EventInfo => true,
        _ => false,
    });

    // What the compiler writes for records.
    private static bool IsOfRecord(MethodInfo method) => method.Name is "<Clone>$" or "Equals" or "GetHashCode" or "ToString" or "PrintMembers" or "Deconstruct";

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsInterface: true } => "interface",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string Signature(MemberInfo member) => member switch
    {
        ConstructorInfo made => $"new({Parameters(made)})",
        MethodInfo method => $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}{(method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "")}({Parameters(method)})",
        PropertyInfo property => $"{(property.GetMethod!.IsStatic ? "static " : "")}{Name(property.PropertyType)} {property.Name} {{ get;{(property.SetMethod is { IsPublic: true } ? " init;" : "")} }}",
        FieldInfo field => field.IsLiteral && !field.DeclaringType!.IsEnum ? $"const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}" : field.Name,
        EventInfo happening => $"event {Name(happening.EventHandlerType!)} {happening.Name}",
        _ => member.Name,
    };

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter => $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "default"}" : "")}"));

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
