using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.ContractDocuments;

/// <summary>A field of a message as an attribute of a dataclass.</summary>
/// <param name="Field">The field.</param>
/// <param name="Schema">What its schema says of it.</param>
/// <param name="IsRequired">Whether it is always there.</param>
internal sealed record PythonField(JsonPropertyInfo Field, JsonObject Schema, bool IsRequired)
{
    /// <summary>The attribute.</summary>
    public string Name => PythonText.Name(Field.Name);

    /// <summary>What it holds.</summary>
    public string About => (string)Schema["description"]!;

    /// <summary>The enumeration behind it, or null.</summary>
    public Type? Enumeration => Bare.IsEnum ? Bare : null;

    /// <summary>The record that it lists, or null.</summary>
    public JsonTypeInfo? Part => Item is { } item && item != typeof(string) ? ContractsJson.Default.GetTypeInfo(item) : null;

    /// <summary>Its declaration.</summary>
    public string Declaration => IsNullable ? $"{Name}: {Type} | None = None" : $"{Name}: {Type}";

    /// <summary>Its value from <c>body</c>.</summary>
    public string Read => (Type, IsNullable) switch
    {
        ("datetime", _) => $"_instant(body[\"{Field.Name}\"])",
        (_, true) => $"body.get(\"{Field.Name}\")",
        _ when Part is { } part => $"tuple({part.Type.Name}.from_json(one) for one in body[\"{Field.Name}\"])",
        _ when Item is not null => $"tuple(body[\"{Field.Name}\"])",
        _ => $"body[\"{Field.Name}\"]",
    };

    /// <summary>Its value in JSON.</summary>
    public string Write => Type == "datetime" ? $"_text(self.{Name})" : $"self.{Name}";

    private bool IsNullable => !IsRequired || Schema["type"] is JsonArray;

    private Type Bare => Nullable.GetUnderlyingType(Field.PropertyType) ?? Field.PropertyType;

    private Type? Item => Generic(typeof(IReadOnlyList<>)) is { } list ? list.GetGenericArguments()[0] : null;

    private string Type => Bare switch
    {
        { IsEnum: true } named => named.Name,
        var date when date == typeof(DateTimeOffset) => "datetime",
        _ when Item is { } item => $"tuple[{(item == typeof(string) ? "str" : item.Name)}, ...]",
        _ when Generic(typeof(IReadOnlyDictionary<,>)) is { } map => $"Mapping[str, {Simple(map.GetGenericArguments()[1])}]",
        var simple => Simple(simple),
    };

    private static string Simple(Type type) => type switch
    {
        _ when type == typeof(string) || type == typeof(Guid) => "str",
        _ when type == typeof(bool) => "bool",
        _ when type == typeof(int) || type == typeof(long) => "int",
        _ => throw new NotSupportedException($"A field of the type {type}"),
    };

    private Type? Generic(Type definition) => Field.PropertyType.IsGenericType
        && Field.PropertyType.GetGenericTypeDefinition() == definition ? Field.PropertyType : null;
}
