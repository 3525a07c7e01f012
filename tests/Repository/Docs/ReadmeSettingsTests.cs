using VoiceWorker.Boot;

namespace VoiceWorker.Tests.Repository.Docs;

public sealed class ReadmeSettingsTests
{
    [Fact]
    public void The_README_lists_exactly_the_settings_that_there_are()
    {
        var table = RepositoryFiles.Read("README.md").Split("## Settings")[1].Split("## ")[0];
        var listed = table.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);
        var settings = SettingsRegistration.Sections.SelectMany(
            section => section.Value.GetProperties(), (section, property) => $"{section.Key}:{property.Name}");

        Assert.Equal(settings.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }
}
