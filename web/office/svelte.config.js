import { kitConfig } from '../kit.config.js';

export default kitConfig('/office');
