using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VoiceWorker.Persistence;

/// <summary>
/// The name of an enum's value in JSON, in the database, in metrics and on screens: what
/// <see cref="JsonStringEnumMemberNameAttribute"/> says, or else its name in camelCase.
/// </summary>
public static class WireName
{
    /// <summary>The name of a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The enum has no such value.</exception>
    public static string Of<T>(T value) where T : struct, Enum => Names<T>.ByValue.TryGetValue(value, out var name)
        ? name : throw new ArgumentOutOfRangeException(nameof(value), value, null);

    /// <summary>The value of a name.</summary>
    /// <param name="column">Where the name was read, for the error.</param>
    /// <param name="name">As written.</param>
    /// <exception cref="FormatException">The enum has no value of that name.</exception>
    public static T Parse<T>(string column, string name) where T : struct, Enum =>
        Names<T>.ByName.TryGetValue(name, out var value)
            ? value : throw new FormatException($"{column} is \"{name}\"");

    private static class Names<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> ByValue = Enum.GetValues<T>().ToDictionary(value => value, NameOf);
        public static readonly Dictionary<string, T> ByName = ByValue.ToDictionary(
            pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

        private static string NameOf(T value) => typeof(T).GetField(value.ToString())
            ?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
            ?? JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
    }
}
