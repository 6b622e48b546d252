using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;
using GatewayOps.Emulator.WorkersAi.Catalogue;

namespace GatewayOps.Emulator.WorkersAi.Running;

/// <summary>Runs a model: what the account may, what the request asks beside its input, then the task.</summary>
public sealed class AiRunner(EmulatorOptions options)
{
    /// <summary>A fine-tune of this prefix lacks its files (3039): there is nowhere else to ask for that.</summary>
    public const string IncompleteLoraPrefix = "incomplete-";

    /// <summary>A model of this author is private (5018).</summary>
    public const string PrivateAuthor = "private";

    /// <summary>`@cf/…` or `@hf/…` by its name, as it stands in an address or in a body.</summary>
    /// <exception cref="AiFailedException">3042, 5018 or 5007.</exception>
    public AiModel Find(string name)
    {
        if (name.Split('/') is not [['@', ..], { Length: > 0 } author, { Length: > 0 }])
            throw new AiFailedException(AiFailure.InvalidModelId(name));
        if (AiCatalogue.Find(name) is { } model)
            return model;
        if (author == PrivateAuthor)
            throw new AiFailedException(AiFailure.NotAllowed);
        return options.UpstreamModels.GetValueOrDefault(GatewayProvider.WorkersAi)?.Contains(name) == true
            ? new AiModel(name, AiTask.TextGeneration, "A model of the emulator's options.", 131_072) { IsOpenAiShaped = true, CallsTools = true, IsQueueable = true }
            : throw new AiFailedException(AiFailure.NoSuchModel(name));
    }

    /// <summary>Counts the request and checks what the account has left.</summary>
    /// <exception cref="AiFailedException">A limit is reached, or terms were not agreed to.</exception>
    public void Admit(AiModel model, WorkersAiState account, bool agrees)
    {
        if (model.NeedsAgreement && agrees)
            account.Agree(model.Name);
        else if (model.NeedsAgreement && !account.HasAgreed(model.Name))
            throw new AiFailedException(AiFailure.AgreementMissing);
        if (options.WorkersAiRateLimits && !account.TryCount(model.PerMinute is null ? model.Task.Id : model.Name, model.PerMinute ?? model.Task.PerMinute))
            throw new AiFailedException(AiFailure.RateLimited(options.Assumptions.WorkersAiRateLimitCode));
        if (options.FreeNeuronsPerDay is { } free && account.NeuronsToday >= free)
            throw new AiFailedException(AiFailure.AllocationUsed(options.Assumptions.WorkersAiDailyLimitCode));
    }

    /// <exception cref="AiFailedException">The input is not one of the model's, or asks for what it cannot do.</exception>
    public AiOutcome Run(AiInput input, WorkersAiState account)
    {
        try
        {
            CheckLora(input);
            var outcome = Outcome(input);
            account.Spend(outcome.Neurons);
            return outcome;
        }
        catch (RefusedException refused)
        {
            throw new AiFailedException(AiFailure.BadInput(options.Assumptions.WorkersAiBadInputCode, refused.Message));
        }
    }

    private AiOutcome Outcome(AiInput input)
    {
        var task = input.Model.Task;
        if (task == AiTask.TextGeneration)
            return TextGeneration.Run(input);
        if (task == AiTask.TextEmbeddings)
            return TextEmbeddings.Run(input, options.Assumptions.EmbeddingsNamePooling);
        if (task == AiTask.TextClassification)
            return OtherTasks.Classify(input);
        if (task == AiTask.Translation)
            return OtherTasks.Translate(input);
        if (task == AiTask.Summarization)
            return OtherTasks.Summarise(input);
        if (task == AiTask.SpeechRecognition)
            return OtherTasks.Transcribe(input);
        if (task == AiTask.TextToSpeech)
            return OtherTasks.Speak(input);
        if (task == AiTask.TextToImage)
            return OtherTasks.Paint(input);
        if (task == AiTask.ImageClassification)
            return OtherTasks.ClassifyImage(input);
        return task == AiTask.ObjectDetection ? OtherTasks.Detect(input) : OtherTasks.Describe(input);
    }

    private static void CheckLora(AiInput input)
    {
        if (input.Json?.Text("lora") is not { } lora)
            return;
        if (!input.Model.TakesLora)
            throw new AiFailedException(AiFailure.LoraUnsupported(input.Model.Name));
        if (lora.StartsWith(IncompleteLoraPrefix, StringComparison.Ordinal))
            throw new AiFailedException(AiFailure.LoraIncomplete);
    }
}
