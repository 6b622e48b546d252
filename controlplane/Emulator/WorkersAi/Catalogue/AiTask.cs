namespace GatewayOps.Emulator.WorkersAi.Catalogue;

/// <summary>What a model of Workers AI does.</summary>
/// <param name="PerMinute">Requests in a minute for all models of the task together (contract section 16; Cloudflare's own figures for the rest).</param>
public sealed record AiTask(string Id, string Name, string Description, int PerMinute)
{
    public static readonly AiTask TextGeneration = new(
        "c329a1f9-323d-4e91-b2aa-582dd4188d34", "Text Generation",
        "Family of generative text models, such as large language models (LLM), that can be adapted for a variety of natural language tasks.", 300);

    public static readonly AiTask TextEmbeddings = new(
        "0137cdcf-162a-4108-94f2-1ca59e8c65ee", "Text Embeddings", "Feature extraction models transform raw data into numerical features.", 3000);

    public static readonly AiTask SpeechRecognition = new(
        "dfce1c48-2a81-462e-a7fd-de97ce985207", "Automatic Speech Recognition", "Automatic speech recognition (ASR) models convert a speech signal, typically an audio input, to text.", 720);

    public static readonly AiTask TextToSpeech = new(
        "b52660a1-9a95-4ab2-8b1d-f232be34604a", "Text-to-Speech", "Text-to-Speech (TTS) models convert text into natural sounding speech.", 720);

    public static readonly AiTask TextToImage = new(
        "3d6e1f35-341b-4915-a6c8-9a7142a9033a", "Text-to-Image", "Generates images from input text. These models can be used to generate and modify images based on text prompts.", 720);

    public static readonly AiTask Translation = new(
        "f57d07cb-9087-487a-bbbf-bc3e17fecc4b", "Translation", "Translation models convert a sequence of text from one language to another.", 720);

    public static readonly AiTask TextClassification = new(
        "19606750-23ed-4371-aab2-c20349b53a60", "Text Classification", "Sentiment analysis or text classification is a common NLP task that classifies a text input into labels or classes.", 2000);

    public static readonly AiTask Summarization = new(
        "6f4e65d8-da0f-40d2-9aa4-db582a5a04fd", "Summarization", "Summarization is the task of producing a shorter version of a document while preserving its important information.", 1500);

    public static readonly AiTask ImageClassification = new(
        "00cd182b-bf30-4fc4-8481-84a3ab349657", "Image Classification", "Image classification models take an image input and assigns it labels or classes.", 3000);

    public static readonly AiTask ObjectDetection = new(
        "9c178979-90d9-49d8-9e2c-0f1cf01815d4", "Object Detection", "Object detection models can detect instances of objects like persons, faces, license plates, or others in an image.", 3000);

    public static readonly AiTask ImageToText = new(
        "882a91d1-c331-4eec-bdad-834c919942a8", "Image-to-Text", "Image to text models output a text from a given image.", 720);

    /// <summary>By name, as the API lists them.</summary>
    public static IReadOnlyList<AiTask> All { get; } =
    [
        SpeechRecognition, ImageClassification, ImageToText, ObjectDetection, Summarization, TextClassification, TextEmbeddings, TextGeneration, TextToImage, TextToSpeech, Translation,
    ];
}
