using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using VoiceWorker.Boot;

namespace VoiceWorker.Tests.Repository.Docs;

/// <summary>docs/settings.md against the options themselves.</summary>
public sealed class SettingsPageTests
{
    private static readonly Dictionary<string, PropertyInfo> Settings = SettingSections.Types
        .SelectMany(section => Of(section.Key, section.Value)).ToDictionary(setting => setting.Name, setting => setting.Property);

    // Setting, default, range, meaning.
    private static List<string[]> Rows => Page.Read("docs/settings.md").Rows("setting");

    [Fact]
    public void The_page_lists_exactly_the_settings_that_there_are() =>
        Assert.Equal(Settings.Keys.Order(StringComparer.Ordinal), Rows.Select(NameOf).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_default_on_the_page_is_the_one_in_the_code() => Assert.All(Rows, row =>
    {
        var property = Settings[NameOf(row)];
        var actual = property.GetValue(Activator.CreateInstance(property.DeclaringType!));
        if (row[1].StartsWith('`'))
            Assert.Equal(actual, Parse(property, row[1].Trim('`')));
        else
            Assert.True(actual is null or "" or Array { Length: 0 } or System.Collections.ICollection { Count: 0 }, row[0]);
    });

    [Fact]
    public void Every_range_on_the_page_is_the_one_in_the_code() => Assert.All(Rows, row =>
    {
        var property = Settings[NameOf(row)];
        var range = property.GetCustomAttribute<RangeAttribute>();
        Assert.Equal(range is not null, row[2].Length > 0);
        if (range is null)
            return;
        var ends = row[2].Split(" to ").Select(end => Parse(property, end.Trim('`')));
        Assert.Equal([Parse(property, $"{range.Minimum}"), Parse(property, $"{range.Maximum}")], ends);
    });

    // A section may have another in it.
    private static IEnumerable<(string Name, PropertyInfo Property)> Of(string section, Type options) =>
        options.GetProperties().SelectMany(property => property.PropertyType.Assembly == options.Assembly && property.PropertyType.IsClass
            ? Of($"{section}:{property.Name}", property.PropertyType) : [($"{section}:{property.Name}", property)]);

    private static string NameOf(string[] row) => row[0].Trim('`');

    private static object? Parse(PropertyInfo property, string text) =>
        TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(text);
}
