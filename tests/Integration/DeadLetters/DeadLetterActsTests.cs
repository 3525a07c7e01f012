using System.Text;
using System.Text.Json.Nodes;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.DeadLetters;

/// <summary>Many dead letters: grouped, narrowed, corrected, replayed with what came back, and discarded with a
/// file of what went.</summary>
public sealed class DeadLetterActsTests(WorkerFixture worker, TestServers servers) : IClassFixture<WorkerFixture>
{
    private const string ErrorQueue = "voice-worker.call-started_error";
    private const string DeadQueue = "voice-worker.call-started_dead";

    [Fact]
    public async Task A_corrected_copy_is_processed_and_only_then_the_original_goes()
    {
        var business = await worker.NextBusinessAsync("coral");
        await worker.Broker.PublishAsync(Exchanges.CallStarted, $$"""{"callId":"CA-edit-{{business}}","businessId":"{{business}}","startedAt":"2026-01-31T09:30:00Z"}""");
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, ErrorQueue, 1);
        var id = (string)(await ListAsync())[0]!["id"]!;

        var wrong = await DeadLetterVerbs.RunAsync(servers, "edit", "--id", id, "--set", "businessId=seven");
        var unknown = await DeadLetterVerbs.RunAsync(servers, "edit", "--id", id, "--set", "business=7");
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, ErrorQueue, 1);
        var right = await DeadLetterVerbs.RunAsync(servers, "edit", "--id", id[..5], "--set", $"businessId={business}");

        Assert.Equal((2, 2, 0), (wrong.Code, unknown.Code, right.Code));
        Assert.Contains("nothing was sent: businessId: required", wrong.Output, StringComparison.Ordinal);
        Assert.Contains("there are callId, businessId, startedAt", unknown.Output, StringComparison.Ordinal);
        Assert.Contains("came back 0", right.Output, StringComparison.Ordinal);
        Assert.Equal("coral", (await worker.Audit.OfBusinessAsync(business, 1))[0].Field("voiceId"));
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, ErrorQueue, 0);
    }

    [Fact]
    public async Task Only_what_matches_goes_after_it_is_in_the_file_and_the_rest_stays()
    {
        for (var n = 1; n <= 4; n++)
            await DeadLetterVerbs.PutAsync(worker.Broker, DeadQueue, Encoding.UTF8.GetBytes(Wire.Call($"CA-{n}", 900 + (n % 2))), 1_769_851_800 + n);
        await AssertListedAsync(4);
        var file = Path.Combine(Path.GetTempPath(), $"gone-{Guid.NewGuid():N}.jsonl");

        var first = await DeadLetterVerbs.RunAsync(servers, "discard", "--business", "901", "--limit", "1", "--yes", "--save", file);
        var again = await DeadLetterVerbs.RunAsync(servers, "discard", "--business", "901", "--yes", "--save", file);

        Assert.True(first.Code == 0, first.Output);
        Assert.Contains($"1 discarded, saved in {file}", first.Output, StringComparison.Ordinal);
        Assert.Equal((2, true), (again.Code, again.Output.Contains("Nothing was discarded", StringComparison.Ordinal)));
        var saved = JsonNode.Parse(Assert.Single(await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken)))!;
        Assert.Equal("CA-1", (string?)JsonNode.Parse((string)saved["body"]!)!["callId"]);
        Assert.Equal(["CA-2", "CA-3", "CA-4"], (await ListAsync()).Select(letter => (string?)letter!["callId"]));
        Assert.Equal(["CA-2"], (await ListAsync("--before", "2026-01-31T09:30:03Z")).Select(letter => (string?)letter!["callId"]));
        Assert.Equal(0, (await DeadLetterVerbs.RunAsync(servers, "discard", "--queue", DeadQueue, "--yes")).Code);
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, DeadQueue, 0);
        File.Delete(file);
    }

    [Fact]
    public async Task Two_hundred_of_two_kinds_are_two_groups_and_those_that_fail_again_are_told()
    {
        var business = worker.NextBusiness();
        for (var n = 0; n < 200; n++)
        {
            var body = n < 3 ? $$"""{"callId":"{{new string('x', 70 + n)}}","businessId":{{business}},"startedAt":"2026-01-31T09:30:00Z"}"""
                : Wire.Call($"CA-{business}-{n}", business);
            await DeadLetterVerbs.PutAsync(worker.Broker, DeadQueue, Encoding.UTF8.GetBytes(body), 1_769_851_800 + (n % 7));
        }

        await AssertListedAsync(200);
        var once = (await ListAsync()).Select(letter => (string?)letter!["id"]);
        Assert.Equal(once, (await ListAsync()).Select(letter => (string?)letter!["id"]));
        Assert.Equal(once.Take(5), (await ListAsync("--limit", "5")).Select(letter => (string?)letter!["id"]));
        var replay = await DeadLetterVerbs.RunAsync(servers, "replay", "--all", "--wait", "120");
        var groups = JsonNode.Parse((await DeadLetterVerbs.RunAsync(servers, "list", "--group", "--json")).Output)!.AsArray();

        Assert.Equal(8, replay.Code);
        Assert.Contains("sent 200, came back 3", replay.Output, StringComparison.Ordinal);
        var group = Assert.Single(groups)!;
        Assert.Equal((3, ErrorQueue), ((int)group["count"]!, (string?)group["queue"]));
        Assert.StartsWith("callId: required", (string?)group["reason"], StringComparison.Ordinal);
        Assert.DoesNotContain("was", (string?)group["reason"], StringComparison.Ordinal);
        Assert.Equal(0, (await DeadLetterVerbs.RunAsync(servers, "discard", "--all", "--yes")).Code);
    }

    [Fact]
    public async Task A_beginning_that_two_ids_share_is_told_with_both_and_nothing_is_done()
    {
        // Seventeen ids have sixteen first characters.
        for (var n = 0; n < 17; n++)
            await DeadLetterVerbs.PutAsync(worker.Broker, DeadQueue, Encoding.UTF8.GetBytes($"{{\"n\":{n}}}"));
        await AssertListedAsync(17);
        var ids = (await ListAsync()).Select(letter => (string)letter!["id"]!).ToList();
        var shared = ids.GroupBy(id => id[..1]).First(group => group.Count() > 1);

        var (code, output) = await DeadLetterVerbs.RunAsync(servers, "discard", "--id", shared.Key);

        Assert.Equal(2, code);
        Assert.All(shared, id => Assert.Contains(id, output, StringComparison.Ordinal));
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, DeadQueue, 17);
        Assert.Equal(0, (await DeadLetterVerbs.RunAsync(servers, "discard", "--all", "--yes")).Code);
    }

    // Soon after its start, and then once a minute, the worker holds them for milliseconds, to put back what expired.
    private async Task AssertListedAsync(int count)
    {
        var listed = 0;
        Assert.True(await Polling.UntilAsync(
            async _ => (listed = (await ListAsync()).Count) == count, Waits.Longest,
            TestContext.Current.CancellationToken), $"{listed} are listed");
    }

    private async Task<JsonArray> ListAsync(params string[] options)
    {
        var (_, output) = await DeadLetterVerbs.RunAsync(servers, ["list", "--json", .. options]);
        // What is left out is told on standard error, after the array.
        return JsonNode.Parse(output[..(output.LastIndexOf(']') + 1)])!.AsArray();
    }
}
