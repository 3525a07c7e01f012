using System.Globalization;

namespace VoiceWorker.Tests.Faults.Traffic;

/// <summary>The messages of a run, the same for the same seed: calls and changes of voice, some of them twice, some of
/// an unknown business or with a voice that nobody speaks.</summary>
public sealed class TrafficPlan
{
    /// <summary>Businesses 1 … 20 exist.</summary>
    public const int Businesses = 20;

    private const int UnknownBusiness = 21;
    private static readonly string[] Voices = ["ash", "marin", "cedar", "sage", "verse", "retired"];

    private readonly int[] _effects;

    private readonly IReadOnlyList<Message> _sent;

    private TrafficPlan(IReadOnlyList<Message> messages, IReadOnlyList<Message>? sent = null) =>
        (Messages, _sent, _effects) = (messages, sent ?? messages, CountEffects(messages));

    /// <summary>In the order in which they are published.</summary>
    public IReadOnlyList<Message> Messages { get; }

    /// <summary>Distinct calls.</summary>
    public IEnumerable<CallMessage> Calls => Messages.OfType<CallMessage>().Distinct();

    /// <summary>Distinct changes.</summary>
    public IEnumerable<ChangeMessage> Changes => Messages.OfType<ChangeMessage>().Distinct();

    /// <summary>How many different messages the first so many are: each has one effect and one event.</summary>
    public int EffectsOf(int messages) => messages == 0 ? 0 : _effects[messages - 1];

    /// <summary>Whether a business can have had a voice at some time.</summary>
    public bool MayHaveHad(int businessId, string voiceId) =>
        voiceId == "ash" || _sent.OfType<ChangeMessage>().Any(
            change => (change.BusinessId, change.VoiceId) == (businessId, voiceId));

    /// <summary>What is left to be seen when the effects of some are lost; they were there for a while.</summary>
    /// <param name="causes">Of those.</param>
    public TrafficPlan Without(IReadOnlySet<string> causes) =>
        new([.. Messages.Where(message => !causes.Contains(message.Cause))], _sent);

    /// <summary>The voice that each business has in the end, in whatever order its changes arrive.</summary>
    public IReadOnlyDictionary<int, string> FinalVoices()
    {
        var voices = Enumerable.Range(1, Businesses).ToDictionary(id => id, _ => "ash");
        var made = Changes.Where(change => change.VoiceId != "retired");
        foreach (var business in made.GroupBy(change => change.BusinessId))
        {
            if (voices.ContainsKey(business.Key))
                voices[business.Key] = business.MaxBy(change => (change.ChangedAt, change.VoiceId))!.VoiceId;
        }

        return voices;
    }

    /// <summary>So many messages.</summary>
    public static TrafficPlan Create(int seed, int count)
    {
        var random = new Random(seed);
        var noon = DateTimeOffset.Parse("2026-01-31T12:00:00Z", CultureInfo.InvariantCulture);
        var messages = new List<Message>(count);
        while (messages.Count < count)
        {
            var business = random.Next(1, UnknownBusiness + 1);
            messages.Add(random.Next(10) switch
            {
                0 when messages.Count > 0 => messages[random.Next(messages.Count)],
                1 or 2 => new ChangeMessage(
                    business, random.GetItems(Voices, 1)[0],
                    noon.AddSeconds(random.Next(1_000_000)).AddMilliseconds(messages.Count % 1_000)),
                _ => new CallMessage($"CA-{seed}-{messages.Count}", business, random.Next(3) == 0),
            });
        }

        return new TrafficPlan(messages);
    }

    private static int[] CountEffects(IReadOnlyList<Message> messages)
    {
        var seen = new HashSet<Message>();
        return messages.Select(message =>
        {
            seen.Add(message);
            return seen.Count;
        }).ToArray();
    }
}
