//! Decoders, one file per wire format. Each turns bytes into records, or into rejections that say what to mend.
