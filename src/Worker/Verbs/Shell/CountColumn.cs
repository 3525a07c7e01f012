using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace VoiceWorker.Verbs.Shell;

/// <summary>Beside a bar: how many so far, of how many, and how many in a second.</summary>
/// <param name="unit">Such as <c>rows</c>.</param>
internal sealed class CountColumn(string unit) : ProgressColumn
{
    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(
        task.MaxValue <= 1
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture, $"{task.Value:N0} of {task.MaxValue:N0} {unit}, {task.Speed ?? 0:N0}/s"));
}
