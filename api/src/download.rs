//! Files that are made to be saved.

use actix_web::HttpResponse;
use actix_web::http::header::{Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
use campus::reports::ExportFile;

/// The file, to be saved under its name; under the plain one by programs that know no other.
pub(crate) fn download(file: ExportFile) -> HttpResponse {
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![
            DispositionParam::Filename(file.plain_name),
            DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: file.name.into_bytes(),
            }),
        ],
    };
    HttpResponse::Ok().insert_header(disposition).content_type(file.content_type).body(file.content)
}
